internal import CommandCenterAPI

/// A mail as the journal keeps it.
public struct Mail: Hashable, Sendable {
  /// Addresses with commas between; nil for those of the profile's `attention`.
  public var to: String?
  public var from: String?
  public var subject: String
  public var text: String
  /// Makes the mail's name, the same at each try: readers show it once.
  public var id: String?

  public init(
    to: String? = nil, from: String? = nil, subject: String, text: String, id: String? = nil
  ) {
    (self.to, self.from, self.subject, self.text, self.id) = (to, from, subject, text, id)
  }

  public var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    if let to { json.member("to", to) }
    if let from { json.member("from", from) }
    json.member("subject", subject)
    json.member("text", text)
    if let id { json.member("id", id) }
    json.endObject()
    return json.bytes
  }

  /// - Returns: nil where the bytes are no mail.
  public init?(_ bytes: [UInt8]) {
    guard let json = try? JSONValue(parsing: bytes), let subject = json["subject"]?.string,
      let text = json["text"]?.string
    else { return nil }
    self.init(
      to: json["to"]?.string, from: json["from"]?.string, subject: subject, text: text, id: json["id"]?.string
    )
  }

  /// Addresses in a list with commas: plain ones, of this machine (`root`) or another (`ops@example.com`). Nothing that
  /// a header, or a command line, could read as something else.
  ///
  /// - Returns: the list as headers have it; nil where one is no such address.
  public static func addresses(_ list: String) -> String? {
    var found: [String] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      var address = part.drop { $0 == " " }
      while address.last == " " { address.removeLast() }
      guard isAddress(address) else { return nil }
      found.append(String(address))
    }
    return found.joined(separator: ", ")
  }

  private static func isAddress(_ text: Substring) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= 254, text.first != "-" else { return false }
    return parts.enumerated().allSatisfy { index, part in
      !part.isEmpty
        && part.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
          default: index == 0 && "_+=%".utf8.contains(byte)
          }
        }
    }
  }

  // MARK: the message

  /// The message (RFC 5322) for `sendmail -t`.
  ///
  /// - Parameters:
  ///   - to: addresses as ``addresses(_:)`` gives them.
  ///   - host: this machine's name.
  public func message(to: String, host: String) -> [UInt8] {
    var lines = ["To: \(to)"]
    if let from = from.flatMap(Self.addresses) { lines.append("From: \(from)") }
    lines.append("Subject: \(Self.header(subject))")
    if let id {
      let name = id.utf8.map { Self.isWord($0) ? Character(Unicode.Scalar($0)) : "." }
      lines.append("Message-ID: <\(String(name))@\(host)>")
    }
    lines += [
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
    ]
    let isPlain =
      text.utf8.allSatisfy { $0 == 10 || $0 == 9 || (32..<127).contains($0) }
      && text.split(separator: "\n").allSatisfy { $0.utf8.count < 900 }
    if isPlain {
      lines += ["Content-Transfer-Encoding: 7bit", "", text, ""]
    } else {
      let encoded = Array(Base64.encode(Array(text.utf8)).utf8)
      lines += ["Content-Transfer-Encoding: base64", ""]
      for start in stride(from: 0, to: encoded.count, by: 76) {
        lines.append(String(decoding: encoded[start..<min(start + 76, encoded.count)], as: UTF8.self))
      }
      lines.append("")
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// One line, whatever the text holds: a line end in it could begin a header of its own. What is not ASCII is encoded
  /// (RFC 2047), in words that are short enough.
  private static func header(_ text: String) -> String {
    let line = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    let short = line.count > 200 ? line.prefix(199) + "…" : line[...]
    if short.utf8.allSatisfy({ (32..<127).contains($0) }) { return String(short) }
    var words: [String] = []
    var word = ""
    for character in short {
      if !word.isEmpty, word.utf8.count + character.utf8.count > 39 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    words.append(word)
    return words.map { "=?utf-8?B?\(Base64.encode(Array($0.utf8)))?=" }.joined(separator: "\n ")
  }
}
