import CommandCenterAPI
import Testing

@Suite("JSON, whatever it holds,")
struct JSONPropertyTests {
  @Test("reads back as it was written")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2000 {
      let value = anyValue(depth: 4, &random)
      let text = try value.encoded()
      #expect(try JSONValue(parsing: text) == value)
    }
  }

  @Test("never crashes the reader nor holds it up, with any bytes changed, and reading and skipping agree")
  func mutations() throws {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      var text = try anyValue(depth: 3, &random).encoded()
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0...text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where at < text.count: text.remove(at: at)
        case 1 where at < text.count: text[at] = .random(in: 0...255, using: &random)
        case 2: text.removeSubrange(at...)
        default: text.insert(Array("{}[]\",:\\u0-e.\0\u{7F}".utf8).randomElement(using: &random)!, at: at)
        }
      }
      let read = Result { try JSONValue(parsing: text) }
      let skip = Result {
        try JSONReader.read(text) { (reader) throws(JSONError) in try reader.skipValue() }
      }
      switch (read, skip) {
      case (.success(let value), .success):
        // What was understood can be said again.
        #expect(try JSONValue(parsing: try value.encoded()) == value)
      // Skipping does not work out how large a number is.
      case (.failure(let error as JSONError), _) where error.reason == .numberTooLarge: break
      case (.failure(let one as JSONError), .failure(let other as JSONError)): #expect(one == other)
      default: Issue.record("reading and skipping disagree about \(String(decoding: text, as: UTF8.self))")
      }
    }
  }

  private func anyValue(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return nil
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(.random(in: .min ... .max, using: &random))
    case 3: return .integer(.random(in: -20...20_000, using: &random))
    case 4:
      let value = Double(bitPattern: random.next())
      return .number(value.isFinite ? value : 0.5)
    case 5: return .string(anyText(&random))
    case 6:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in anyValue(depth: depth - 1, &random) })
    default:
      return .object(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          JSONValue.Member(anyText(&random), anyValue(depth: depth - 1, &random))
        })
    }
  }

  private func anyText(_ random: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      let limit: UInt32 = [0x20, 0x7F, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF].randomElement(using: &random)!
      text.unicodeScalars.append(Unicode.Scalar(.random(in: 0...limit, using: &random)) ?? "\\")
    }
    return text
  }
}
