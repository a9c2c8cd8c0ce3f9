import CommandCenterAPI
import Testing

@Suite("The JSON reader")
struct JSONReaderTests {
  @Test(
    "reads each kind of value",
    arguments: [
      (" null ", nil),
      ("true", true),
      ("false", false),
      ("0", 0),
      ("-0", -0.0),
      ("-12", -12),
      ("9223372036854775807", .integer(.max)),
      ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      ("123456789012345678901234567890", .number(1.2345678901234568e29)),
      ("1.5", 1.5),
      ("1e2", 100.0),
      ("1E-2", 0.01),
      (#""""#, ""),
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#""\u00e9\u20AC\uD83D\uDE00""#, "é€😀"),
      (#""a lone \ud800 half, and \udc00\ud800""#, "a lone \u{FFFD} half, and \u{FFFD}\u{FFFD}"),
      (#""größer 漢字 😀""#, "größer 漢字 😀"),
      ("[]", []),
      ("[ [ ] , { } ]", [[], [:]]),
      ("{\"a\" : 1 ,\n\t\"b\\n\":[1,\"x\"]}", ["a": 1, "b\n": [1, "x"]]),
      (#"{"a":1,"a":2}"#, ["a": 1, "a": 2]),
    ] as [(String, JSONValue)])
  func values(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
    #expect(throws: Never.self) {
      try JSONReader.read(Array(text.utf8)) { (reader) throws(JSONError) in try reader.skipValue() }
    }
  }

  @Test(
    "says what is wrong, and where",
    arguments: [
      ("", "the text ends in the middle of a value, at byte 0"),
      ("  ", "the text ends in the middle of a value, at byte 2"),
      ("nul", "the text ends in the middle of a value, at byte 3"),
      ("nulL", #"unexpected "L", at byte 3"#),
      ("Nan", #"unexpected "N", at byte 0"#),
      ("1 2", "something follows the value, at byte 2"),
      ("01", "that is no number of JSON, at byte 0"),
      ("-", "that is no number of JSON, at byte 0"),
      ("1.", "that is no number of JSON, at byte 0"),
      ("[1e+]", "that is no number of JSON, at byte 1"),
      ("+1", #"unexpected "+", at byte 0"#),
      (".5", #"unexpected ".", at byte 0"#),
      ("1e999", "the number is too large, at byte 0"),
      ("[1,]", #"unexpected "]", at byte 3"#),
      ("[,1]", #"unexpected ",", at byte 1"#),
      ("[1 2]", #"unexpected "2", at byte 3"#),
      ("[1}", #"unexpected "}", at byte 2"#),
      ("{\"a\":1,}", #"unexpected "}", at byte 7"#),
      ("{\"a\" 1}", #"unexpected "1", at byte 5"#),
      ("{a:1}", #"unexpected "a", at byte 1"#),
      ("{\"a\":1", "the text ends in the middle of a value, at byte 6"),
      ("\"abc", "the text ends in the middle of a value, at byte 4"),
      ("\"\\x\"", "that is no escape of JSON, at byte 1"),
      ("\"\\u12g4\"", "that is no escape of JSON, at byte 1"),
      ("\"\\u12", "the text ends in the middle of a value, at byte 5"),
      ("\"a\nb\"", "a control character in a string has to be escaped, at byte 2"),
      ("'a'", #"unexpected "'", at byte 0"#),
      ("\u{FEFF}1", "unexpected byte 0xef, at byte 0"),
      (String(repeating: "[", count: 129), "objects and arrays are nested too deep, at byte 128"),
    ])
  func mistakes(text: String, description: String) {
    #expect {
      try JSONValue(parsing: text)
    } throws: {
      ($0 as? JSONError)?.description == description
    }
    if text != "1e999" {
      #expect(throws: JSONError.self) {
        try JSONReader.read(Array(text.utf8)) { (reader) throws(JSONError) in try reader.skipValue() }
      }
    }
  }

  @Test("refuses strings that are no UTF-8")
  func invalidUTF8() {
    #expect(throws: JSONError(.invalidUTF8, at: 1)) {
      try JSONValue(parsing: [0x22, 0xC0, 0x80, 0x22])
    }
    #expect(throws: JSONError(.invalidUTF8, at: 1)) {
      try JSONValue(parsing: [0x22, 0xE2, 0x82, 0x22])
    }
  }

  @Test("reads as deep as it is allowed")
  func depth() throws {
    let text = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    _ = try JSONValue(parsing: text)
    #expect(throws: JSONError(.tooDeep, at: 2)) { try JSONValue(parsing: "[[[]]]", maxDepth: 2) }
  }

  @Test("lets a decoder take what it wants and skip the rest")
  func pull() throws {
    let body = #"{"skip":{"deep":[1,{"x":"\u0041"}]},"n":"42","names":["a","b"],"last":7}"#
    var number: Int64?
    var names: [String] = []
    var last: Int64?
    try JSONReader.read(Array(body.utf8)) { (reader) throws(JSONError) in
      try reader.members { (reader, key) throws(JSONError) in
        switch key {
        case "n": number = try reader.int64()
        case "names":
          try reader.elements { (reader) throws(JSONError) in names.append(try reader.string()) }
        case "last": last = try reader.int64()
        default: try reader.skipValue()
        }
      }
    }
    #expect(number == 42)
    #expect(names == ["a", "b"])
    #expect(last == 7)
  }

  @Test("says which kind it found where another was asked for")
  func wrongKind() {
    #expect(throws: JSONError(.wrongKind(expected: .object, found: .array), at: 1)) {
      try JSONReader.read(Array(" []".utf8)) { (reader) throws(JSONError) in try reader.beginObject() }
    }
  }

  @Test("lends the text of a value as it stands")
  func raw() throws {
    let text = try JSONReader.read(Array(#"  {"a" : [1.50]} "#.utf8)) { (reader) throws(JSONError) in
      String(decoding: try reader.rawValue(), as: UTF8.self)
    }
    #expect(text == #"{"a" : [1.50]}"#)
  }
}
