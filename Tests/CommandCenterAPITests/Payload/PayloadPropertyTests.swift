import CommandCenterAPI
import Testing

@Suite("Whatever a script gives,")
struct PayloadPropertyTests {
  @Test("a payload is either refused with reasons or understood by a server", arguments: Workload.builtIn)
  func agreement(workload: Workload) throws {
    var random = SeededGenerator(seed: 7)
    var counts = (sent: 0, refused: 0)
    let reader = PayloadReader()
    let encoder = PayloadEncoder(workload)
    for _ in 0..<1500 {
      let rows = (0..<Int.random(in: 1...3, using: &random)).map { _ in row(workload, &random) }
      let table = SlotTable(workload, rows)
      do {
        let payload = Array(try table.payload(encoder, rows: rows.count).utf8)
        let facts = try reader.read(payload) { _ in workload.name }
        #expect(facts == table.withSlots { workload.facts($0, rows: rows.count) })
        counts.sent += 1
      } catch let error as PayloadError {
        #expect(!error.mistakes.isEmpty)
        #expect(!error.description.contains("defect"), "\(rows)")
        counts.refused += 1
      }
    }
    #expect(counts.sent > 200)
    #expect(counts.refused > 200)
  }

  /// Mostly right, now and then not.
  private func row(_ workload: Workload, _ random: inout SeededGenerator) -> [(name: String, value: Given)] {
    var row: [(name: String, value: Given)] = []
    // What is not sent no server can understand.
    for field in workload.fields where field.isSent {
      if field.isRequired && field.defaultValue == nil || Int.random(in: 0..<3, using: &random) == 0 {
        row.append((field.name, value(field, &random)))
      }
    }
    return row
  }

  private func value(_ field: Field, _ random: inout SeededGenerator) -> Given {
    if Int.random(in: 0..<60, using: &random) == 0 {
      return [
        nil, true, 1.5, -1, 0, "", "x", .bytes([0xC3]), .json("{}"), .json("[]"), .other("thread"), 1e300,
        .integer(.min), "٣",
      ].randomElement(using: &random)!
    }
    if let named = field.allowed.randomElement(using: &random) {
      switch Int.random(in: 0..<3, using: &random) {
      case 0: return .string(named.name.lowercased())
      case 1: return named.number.map { .integer($0) } ?? .string(named.name)
      default: return .string(named.name)
      }
    }
    switch field.type {
    case .integer:
      let number = Int64.random(in: 1...999, using: &random)
      return [.integer(number), .number(Double(number)), .string(String(number))].randomElement(
        using: &random)!
    case .string:
      let length = Int.random(in: 1...40, using: &random)
      let letters = (0..<length).map { _ in "abcdefgh \"\\\n\u{7F}ß漢😀".randomElement(using: &random)! }
      return Int.random(in: 0..<8, using: &random) == 0 ? .integer(Int64(length)) : .string(String(letters))
    case .boolean: return .boolean(.random(using: &random))
    case .object, .json: return .json(#"{"numberOfRetries":3}"#)
    }
  }
}
