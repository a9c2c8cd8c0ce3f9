/// What a page of HTML is called: its title, else its first heading; nil where the text is no such page.
func htmlTitle(_ text: String) -> String? {
  let lower = text.lowercased()
  guard lower.prefix(1000).contains("<html") || lower.prefix(1000).contains("<!doctype html") else {
    return nil
  }
  for tag in ["title", "h1", "h2"] {
    if let inside = inside(tag, of: text) {
      let title = decodingEntities(inside).onOneLine(limit: 200)
      if !title.isEmpty { return title }
    }
  }
  return "an HTML page without a title"
}

private func inside(_ tag: String, of text: String) -> String? {
  let bytes = Array(text.utf8)
  func find(_ wanted: String, from start: Int) -> Int? {
    let wanted = Array(wanted.utf8)
    guard bytes.count >= wanted.count, start <= bytes.count - wanted.count else { return nil }
    return (start...(bytes.count - wanted.count)).first { at in
      zip(bytes[at...], wanted).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
    }
  }
  guard let open = find("<" + tag, from: 0), let start = find(">", from: open),
    let end = find("</" + tag, from: start)
  else { return nil }
  var inner = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
  while let open = inner.firstIndex(of: "<"), let close = inner[open...].firstIndex(of: ">") {
    inner.replaceSubrange(open...close, with: " ")
  }
  return inner
}

private func decodingEntities(_ text: String) -> String {
  let entities = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "–"]
  var result = ""
  var rest = text[...]
  while let start = rest.firstIndex(of: "&") {
    result += rest[..<start]
    rest = rest[start...]
    guard let end = rest.prefix(10).firstIndex(of: ";") else {
      result.append(rest.removeFirst())
      continue
    }
    let name = rest[rest.index(after: start)..<end]
    if let known = entities[String(name)] {
      result += known
    } else if name.first == "#", let scalar = scalar(name.dropFirst()) {
      result.unicodeScalars.append(scalar)
    } else {
      result += rest[...end]
    }
    rest = rest[rest.index(after: end)...]
  }
  return result + rest
}

private func scalar(_ digits: Substring) -> Unicode.Scalar? {
  let isHex = digits.first == "x" || digits.first == "X"
  return UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10).flatMap(Unicode.Scalar.init)
}
