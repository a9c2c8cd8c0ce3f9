public import CSlots

/// Checks what a script gave for a payload and writes it as JSON, in one pass over its slots.
///
/// One encoder serves one workload, over and over; it belongs to whoever made it and is not `Sendable`.
///
/// **Slots.** A row has ``Workload/slotCount`` of them: one for each field by its index, then one for each
/// container, whose bytes are members to be added to it. Each target has a row; fields that stand outside the
/// associations are read from row 0.
public final class PayloadEncoder {
  public let workload: Workload

  let program: PayloadProgram
  private let rules: [CompiledRule]
  /// The slots whose being given makes the rules worth a look.
  private let ruleSlots: [Int]
  /// The slots of what is not sent, which no step of the program looks at.
  private let unsentSlots: [Int]
  private let slotCount: Int
  // Unchecked: only `encode` and what it calls touch it, one after the other.
  @exclusivity(unchecked) var buffer: ByteBuffer

  public init(_ workload: Workload) {
    self.workload = workload
    program = PayloadProgram(workload)
    rules = workload.rules.map { CompiledRule($0, workload) }
    // The declaration's check has found the field of each rule.
    ruleSlots = workload.rules.map { workload.fieldIndex($0.field)! }
    unsentSlots = workload.fields.indices.filter { !workload.fields[$0].isSent }
    slotCount = workload.slotCount
    buffer = ByteBuffer(capacity: 4096)
  }

  /// The payload as JSON in UTF-8.
  ///
  /// - Parameters:
  ///   - slots: `rows` times ``Workload/slotCount`` of them.
  ///   - rows: how many targets there are, at least one.
  /// - Returns: the encoder's own bytes, good until it is used again or let go.
  /// - Throws: all mistakes at once.
  public func encode(
    _ slots: UnsafePointer<cv_slot>, rows: Int = 1
  ) throws(PayloadError) -> UnsafeBufferPointer<UInt8> {
    guard rows > 0, encodeFast(slots, rows) else { throw findMistakes(slots, rows) }
    return buffer.bytes
  }

  /// All that is wrong; the caller knows that something is.
  @inline(never)
  private func findMistakes(_ slots: UnsafePointer<cv_slot>, _ rows: Int) -> PayloadError {
    let found = workload.mistakes(in: slots, rows: rows)
    if !found.isEmpty { return PayloadError(workload: workload.name, mistakes: found) }
    let mistake = Mistake(
      .badStructure, field: workload.name, message: "the payload cannot be encoded; this is a defect of cvlua"
    )
    return PayloadError(workload: workload.name, mistakes: [mistake])
  }

  // MARK: The fast pass

  /// - Returns: false at the first mistake.
  private func encodeFast(_ slots: UnsafePointer<cv_slot>, _ rows: Int) -> Bool {
    let steps = program.steps
    let count = program.stepCount
    let stride = slotCount
    // Room for all but strings and JSON. Each of these asks for room of its own and leaves this much.
    let fixed = program.fixedSize &* rows &+ 64
    buffer.count = 0
    buffer.reserve(fixed)
    var to = buffer.base
    var end = to + buffer.capacity
    to[0] = UInt8(ascii: "{")
    to += 1

    var row = 0
    var current = slots
    var next = 0
    while next < count {
      let step = steps + next
      next &+= 1
      switch step.pointee.code {
      case .string:
        let slot = current + Int(step.pointee.slot)
        if slot.pointee.kind == SlotKind.string {
          let length = Int(slot.pointee.word)
          if length == 0 && step.pointee.isRequired { return false }
          let wanted = roomForEscaped(length) &+ fixed
          if end - to < wanted {
            to = makeRoom(wanted, to)
            end = buffer.base + buffer.capacity
          }
          to = copyText(step.pointee.text, to, Int(step.pointee.textLength))
          // An empty string may have no bytes; then any address will do, since none is read.
          let text = slot.pointee.bytes ?? step.pointee.text
          guard let written = writeEscaped(text, length, to: to) else { return false }
          written[0] = UInt8(ascii: "\"")
          written[1] = UInt8(ascii: ",")
          to = written + 2
        } else if slot.pointee.kind == SlotKind.absent {
          guard step.pointee.defaultLength >= 0 else { return false }
          to = copyText(step.pointee.defaultText, to, Int(step.pointee.defaultLength))
        } else {
          guard let written = writeOdd(step, slot, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }

      case .integer:
        let slot = current + Int(step.pointee.slot)
        if slot.pointee.kind == SlotKind.integer {
          let value = slot.pointee.word
          guard value >= step.pointee.lower, value <= step.pointee.upper else { return false }
          to = copyText(step.pointee.text, to, Int(step.pointee.textLength))
          to = writeDecimal(value, to: to)
          to[0] = UInt8(ascii: ",")
          to += 1
        } else if slot.pointee.kind == SlotKind.absent {
          guard step.pointee.defaultLength >= 0 else { return false }
          to = copyText(step.pointee.defaultText, to, Int(step.pointee.defaultLength))
        } else {
          guard let written = writeOdd(step, slot, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }

      case .namedString, .namedInteger:
        let slot = current + Int(step.pointee.slot)
        if slot.pointee.kind == SlotKind.absent {
          guard step.pointee.defaultLength >= 0 else { return false }
          to = copyText(step.pointee.defaultText, to, Int(step.pointee.defaultLength))
        } else if let name = name(of: slot, in: step) {
          to = copyText(name.pointee.text, to, Int(name.pointee.textLength))
        } else {
          guard let written = writeOdd(step, slot, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }

      case .boolean:
        let slot = current + Int(step.pointee.slot)
        if slot.pointee.kind == SlotKind.boolean {
          to = copyText(step.pointee.text, to, Int(step.pointee.textLength))
          to = writeBoolean(slot.pointee.word != 0, to)
        } else if slot.pointee.kind == SlotKind.absent {
          guard step.pointee.defaultLength >= 0 else { return false }
          to = copyText(step.pointee.defaultText, to, Int(step.pointee.defaultLength))
        } else {
          guard let written = writeOdd(step, slot, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }

      case .json:
        let slot = current + Int(step.pointee.slot)
        if slot.pointee.kind == SlotKind.absent {
          guard step.pointee.defaultLength >= 0 else { return false }
          to = copyText(step.pointee.defaultText, to, Int(step.pointee.defaultLength))
        } else {
          guard let written = writeOdd(step, slot, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }

      case .openIfAny:
        var list = step.pointee.slots
        let listEnd = list + Int(step.pointee.listCount)
        while list < listEnd, current[Int(list.pointee)].kind == SlotKind.absent { list += 1 }
        if list == listEnd {
          next = Int(step.pointee.jump)
        } else {
          to = copyText(step.pointee.text, to, Int(step.pointee.textLength))
        }

      case .open, .openRows:
        to = copyText(step.pointee.text, to, Int(step.pointee.textLength))

      case .close, .closeList:
        let extras = current + Int(step.pointee.slot)
        if extras.pointee.kind != SlotKind.absent {
          guard let written = writeExtras(extras, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }
        if to[-1] == UInt8(ascii: "{") {
          to -= Int(step.pointee.textLength)
        } else {
          replaceLast(to, UInt8(ascii: "}"))
          if step.pointee.code == .closeList {
            to[0] = UInt8(ascii: "]")
            to += 1
          }
          to[0] = UInt8(ascii: ",")
          to += 1
        }

      case .beginRow:
        current = slots + row &* stride
        to[0] = UInt8(ascii: "{")
        to += 1

      case .endRow:
        let extras = current + Int(step.pointee.slot)
        if extras.pointee.kind != SlotKind.absent {
          guard let written = writeExtras(extras, fixed, to) else { return false }
          to = written
          end = buffer.base + buffer.capacity
        }
        // An association without members stays: it counts.
        if to[-1] == UInt8(ascii: "{") {
          to[0] = UInt8(ascii: "}")
          to += 1
        } else {
          replaceLast(to, UInt8(ascii: "}"))
        }
        to[0] = UInt8(ascii: ",")
        to += 1
        row &+= 1
        if row < rows {
          next = Int(step.pointee.jump)
        } else {
          current = slots
        }

      case .closeRows:
        replaceLast(to, UInt8(ascii: "]"))
        to[0] = UInt8(ascii: ",")
        to += 1
      }
    }
    replaceLast(to, UInt8(ascii: "}"))
    buffer.count = to - buffer.base
    if !unsentSlots.isEmpty && !takesUnsent(slots, rows) { return false }
    if !rules.isEmpty { return followsRules(slots, rows) }
    return true
  }

  /// Whether what is not sent would do as well as what is.
  private func takesUnsent(_ slots: UnsafePointer<cv_slot>, _ rows: Int) -> Bool {
    for slot in unsentSlots {
      for row in 0..<rows where slots[row &* slotCount &+ slot].kind != SlotKind.absent {
        if case .mistake = workload.fields[slot].read(
          slots[row &* slotCount &+ slot], workload: workload.name)
        {
          return false
        }
      }
    }
    return true
  }

  /// The named value that a slot gives exactly; nil for anything that wants a second look.
  @inline(__always)
  private func name(
    of slot: UnsafePointer<cv_slot>, in step: UnsafePointer<PayloadProgram.Step>
  ) -> UnsafePointer<PayloadProgram.Name>? {
    var name = step.pointee.names
    let end = name + Int(step.pointee.listCount)
    if slot.pointee.kind == SlotKind.string {
      let length = Int(slot.pointee.word)
      guard length <= 16, let bytes = slot.pointee.bytes else { return nil }
      let spaces = Word.ones &* 0x20
      let low = length >= 8 ? Word.load(bytes) : Word.load(bytes, length)
      let high =
        length >= 16 ? Word.load(bytes + 8) : length > 8 ? Word.load(bytes + 8, length &- 8) : spaces
      while name < end {
        if name.pointee.low == low && name.pointee.high == high && Int(name.pointee.length) == length {
          return name
        }
        name += 1
      }
    } else if slot.pointee.kind == SlotKind.integer {
      let value = slot.pointee.word
      while name < end {
        if name.pointee.number == value && name.pointee.hasNumber { return name }
        name += 1
      }
    }
    return nil
  }

  @inline(__always)
  private func writeBoolean(
    _ value: Bool, _ to: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    // `true,` and `false,`, lowest byte first.
    Word.store(value ? 0x2C_6575_7274 : 0x2C65_736C_6166, to)
    return to + (value ? 5 : 6)
  }

  private func followsRules(_ slots: UnsafePointer<cv_slot>, _ rows: Int) -> Bool {
    for slot in ruleSlots {
      for row in 0..<rows where slots[row &* slotCount &+ slot].kind != SlotKind.absent {
        return followsRulesSlowly(slots, rows)
      }
    }
    return true
  }

  @inline(never)
  private func followsRulesSlowly(_ slots: UnsafePointer<cv_slot>, _ rows: Int) -> Bool {
    rules.allSatisfy { $0.mistakes(slots, rows: rows, stride: slotCount).isEmpty }
  }
}
