import CommandCenterAPI
import Testing

@Suite("The JSON writer")
struct JSONWriterTests {
  @Test("puts commas where they belong, and nowhere else")
  func commas() throws {
    var json = JSONWriter()
    json.beginObject()
    json.key("a")
    json.beginArray()
    json.integer(1)
    json.beginObject()
    json.endObject()
    json.beginArray()
    json.endArray()
    try json.number(2.5)
    json.endArray()
    json.member("b", "two")
    json.key("c")
    json.null()
    json.member("d", true)
    json.endObject()
    #expect(json.text == #"{"a":[1,{},[],2.5],"b":"two","c":null,"d":true}"#)
  }

  @Test(
    "escapes what must be escaped, wherever it stands in a string",
    arguments: [
      ("", #""""#),
      ("plain", #""plain""#),
      ("exactly8", #""exactly8""#),
      ("rather a long text without any escape", #""rather a long text without any escape""#),
      ("say \"no\"", #""say \"no\"""#),
      ("C:\\backup\\2026", #""C:\\backup\\2026""#),
      (
        "\u{0}\u{1}\u{8}\t\n\u{B}\u{C}\r\u{1F}\u{7F}", "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\u{7F}\""
      ),
      ("1234567\"", #""1234567\"""#),
      ("12345678\"", #""12345678\"""#),
      ("123456789012345\n", #""123456789012345\n""#),
      ("größer als – 漢字 – 😀", #""größer als – 漢字 – 😀""#),
      ("\u{2028}/", "\"\u{2028}/\""),
    ])
  func escapes(text: String, json expected: String) {
    var json = JSONWriter()
    json.string(text)
    #expect(json.text == expected)
  }

  @Test("writes integers to either end of 64 bits")
  func integers() {
    var json = JSONWriter()
    json.beginArray()
    for value in [0, 7, -7, 10, 99, 100, 999, 1000, 9999, 10_000, 123_456_789, .max, .min] as [Int64] {
      json.integer(value)
    }
    json.endArray()
    #expect(
      json.text
        == "[0,7,-7,10,99,100,999,1000,9999,10000,123456789,9223372036854775807,-9223372036854775808]")
  }

  @Test("writes doubles in the shortest form that reads back, and refuses those that JSON has no words for")
  func numbers() throws {
    var json = JSONWriter()
    json.beginArray()
    for value in [3, 0.1, -0.0, 1e300, .leastNonzeroMagnitude, 1.0 / 3] { try json.number(value) }
    json.endArray()
    #expect(json.text == "[3.0,0.1,-0.0,1e+300,5e-324,0.3333333333333333]")
    #expect(throws: JSONWriteError.notFinite) {
      var json = JSONWriter()
      try json.number(.nan)
    }
    #expect(throws: JSONWriteError.notFinite) {
      var json = JSONWriter()
      try json.number(-.infinity)
    }
  }

  @Test(
    "refuses strings that are no UTF-8, and leaves nothing of them behind",
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
      Array("a long beginning and then ".utf8) + [0xFE], Array("1234567".utf8) + [0xC3],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    var json = JSONWriter()
    json.beginArray()
    json.integer(1)
    #expect(throws: JSONWriteError.invalidUTF8) {
      try bytes.withUnsafeBufferPointer { (utf8) throws(JSONWriteError) in try json.string(utf8: utf8) }
    }
    json.integer(2)
    json.endArray()
    #expect(json.text == "[1,2]")
    #expect(!bytes.withUnsafeBufferPointer(isValidUTF8))
  }

  @Test("starts anew after removeAll")
  func reuse() {
    var json = JSONWriter(capacity: 1)
    json.string(String(repeating: "x", count: 5000))
    json.removeAll()
    json.integer(1)
    #expect(json.text == "1")
    #expect(json.count == 1)
  }
}
