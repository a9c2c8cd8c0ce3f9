import CSlots
import CommandCenterAPI

/// A value as a script would have written it.
enum Given {
  case null
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case bytes([UInt8])
  case json(String)
  case other(String)
}

extension Given: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
  init(booleanLiteral value: Bool) { self = .boolean(value) }
  init(integerLiteral value: Int64) { self = .integer(value) }
  init(floatLiteral value: Double) { self = .number(value) }
  init(stringLiteral value: String) { self = .string(value) }
  init(nilLiteral: ()) { self = .null }

  init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .array, .object: self = .json(String(decoding: (try? json.encoded()) ?? [], as: UTF8.self))
    }
  }
}

/// What the walk over a Lua table would hand to an encoder: rows of slots, and the bytes they point to.
final class SlotTable {
  private let slots: UnsafeMutablePointer<cv_slot>
  private var texts: [UnsafeMutablePointer<UInt8>] = []

  /// - Parameter rows: for each association the fields by name; what is to be added to a container goes by
  ///   the container's name.
  init(_ workload: Workload, _ rows: [[(name: String, value: Given)]]) {
    slots = .allocate(capacity: max(1, rows.count * workload.slotCount))
    slots.initialize(repeating: cv_slot(), count: max(1, rows.count * workload.slotCount))
    for (row, fields) in rows.enumerated() {
      for (name, value) in fields {
        guard
          let index = workload.fieldIndex(name)
            ?? workload.containerIndex(name).map(workload.extrasSlot(ofContainer:))
        else { preconditionFailure("a test names \(name), which \(workload.name) does not know") }
        slots[row * workload.slotCount + index] = slot(value)
      }
    }
  }

  deinit {
    slots.deallocate()
    for text in texts { text.deallocate() }
  }

  /// Lends the slots; they are good until `body` returns.
  func withSlots<Result>(_ body: (UnsafePointer<cv_slot>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(slots) }
  }

  /// The payload that `encoder` makes of the slots, as text.
  func payload(_ encoder: PayloadEncoder, rows: Int = 1) throws -> String {
    try withSlots { slots in
      try withExtendedLifetime(encoder) {
        String(decoding: try encoder.encode(slots, rows: rows), as: UTF8.self)
      }
    }
  }

  private func slot(_ value: Given) -> cv_slot {
    switch value {
    case .null: cv_slot(bytes: nil, word: 0, kind: UInt8(CV_SLOT_NULL.rawValue))
    case .boolean(let value): cv_slot(bytes: nil, word: value ? 1 : 0, kind: UInt8(CV_SLOT_BOOLEAN.rawValue))
    case .integer(let value): cv_slot(bytes: nil, word: value, kind: UInt8(CV_SLOT_INTEGER.rawValue))
    case .number(let value):
      cv_slot(
        bytes: nil, word: Int64(bitPattern: value.bitPattern), kind: UInt8(CV_SLOT_NUMBER.rawValue))
    case .string(let text): slot(Array(text.utf8), CV_SLOT_STRING)
    case .bytes(let bytes): slot(bytes, CV_SLOT_STRING)
    case .json(let text): slot(Array(text.utf8), CV_SLOT_JSON)
    case .other(let type): slot(Array(type.utf8), CV_SLOT_OTHER)
    }
  }

  private func slot(_ bytes: [UInt8], _ kind: cv_slot_kind) -> cv_slot {
    // Exactly as long as the text, so that a tool can see who reads beyond it.
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    text.initialize(repeating: 0, count: max(1, bytes.count))
    text.update(from: bytes, count: bytes.count)
    texts.append(text)
    return cv_slot(bytes: text, word: Int64(bytes.count), kind: UInt8(kind.rawValue))
  }
}

extension Workload {
  /// The payload of these fields as text.
  func payload(_ fields: [(name: String, value: Given)]) throws -> String {
    try payload(rows: [fields])
  }

  func payload(rows: [[(name: String, value: Given)]]) throws -> String {
    try SlotTable(self, rows).payload(PayloadEncoder(self), rows: rows.count)
  }

  /// What is wrong with these fields, a line for each mistake: its kind, and the sentence.
  func complaints(_ fields: [(name: String, value: Given)]) -> [String] {
    complaints(rows: [fields])
  }

  func complaints(rows: [[(name: String, value: Given)]]) -> [String] {
    do {
      _ = try payload(rows: rows)
      return []
    } catch let error as PayloadError {
      return error.mistakes.map { "\($0.kind): \($0)" }
    } catch {
      return ["\(error)"]
    }
  }
}
