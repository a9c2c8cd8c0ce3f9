/// The part of a path behind the question mark. Names match without regard to case.
struct Query {
  private var values: [String: String] = [:]

  init(_ text: some StringProtocol) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      values[Self.decode(parts[0]).lowercased()] = parts.count > 1 ? Self.decode(parts[1]) : ""
    }
  }

  subscript(name: String) -> String? {
    values[name.lowercased()].flatMap { $0.isEmpty ? nil : $0 }
  }

  func id(_ name: String) -> Int64? { self[name].flatMap { Int64($0) } }

  private static func decode(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
