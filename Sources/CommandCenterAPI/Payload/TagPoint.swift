/// Where a payload takes a tag at the end of its job description, without being encoded again.
///
/// The engine keeps the payload's bytes without a tag, whose hash says what was asked, and sends them with
/// the token of that one attempt.
public struct TagPoint: Hashable, Sendable {
  /// Bytes from the beginning of the payload.
  public let offset: Int
  /// What comes between the payload and the tag.
  public let before: String
  /// What comes between the tag and the rest of the payload.
  public let after: String

  /// The payload with `tag` at the end of its job description.
  public func tagging(_ payload: [UInt8], with tag: String) -> [UInt8] {
    var text = JSONWriter()
    text.string(tag)
    let escaped = text.bytes.dropFirst().dropLast()
    var tagged = Array(payload[..<offset])
    tagged += before.utf8
    tagged += escaped
    tagged += after.utf8
    tagged += payload[offset...]
    return tagged
  }
}

extension Workload {
  /// Finds the place for a tag in a payload that an encoder of this workload has made.
  ///
  /// - Returns: nil where the workload has no job description, or the bytes are no payload of it.
  public func tagPoint(in payload: [UInt8]) -> TagPoint? {
    guard let place = place(of: "jobDescription", .string, in: payload) else { return nil }
    switch place {
    case .value(let range):
      return TagPoint(offset: range.upperBound - 1, before: range.count > 2 ? " " : "", after: "")
    case .gap(let gap):
      return TagPoint(
        offset: gap.offset, before: gap.opening + "\"jobDescription\":\"", after: "\"" + gap.closing)
    }
  }

  /// A payload that an encoder of this workload has made, with its jobs made suspended.
  ///
  /// - Returns: nil where the workload has no such field, or the payload says something of it already.
  public func suspended(_ payload: [UInt8]) -> [UInt8]? {
    let name = "startInSuspendedState"
    guard case .gap(let gap)? = place(of: name, .boolean, in: payload) else { return nil }
    let text = gap.opening + "\"\(name)\":true" + gap.closing
    return Array(payload[..<gap.offset]) + Array(text.utf8) + Array(payload[gap.offset...])
  }

  /// Where a field stands in a payload, or where it would.
  private enum Place {
    case value(Range<Int>)
    case gap(Gap)
  }

  private struct Gap {
    var offset: Int
    /// What comes before the field and after it.
    var opening: String
    var closing: String
  }

  private func place(of name: String, _ type: Field.WireType, in payload: [UInt8]) -> Place? {
    guard let field = fieldIndex(name), fields[field].type == type else { return nil }
    var way: [Container] = []
    var index = containerOfField[field]
    while index >= 0 {
      if index == associations { return nil }
      way.insert(containers[index], at: 0)
      index = parentOfContainer[index]
    }
    return try? JSONReader.read(payload) { (reader) throws(JSONError) in
      let place = try find(name, way[...], &reader)
      // The rest has been looked at when the payload was made.
      reader.skipRest()
      return place
    }
  }

  /// Goes down `way` from inside the object that holds its first container.
  private func find(
    _ name: String, _ way: ArraySlice<Container>, _ reader: inout JSONReader
  ) throws(JSONError) -> Place {
    try reader.beginObject()
    let start = reader.offset
    var isEmpty = true
    let wanted = way.first?.name ?? name
    while let key = try reader.nextKey() {
      isEmpty = false
      guard key.string == wanted else {
        try reader.skipValue()
        continue
      }
      guard let container = way.first else {
        let text = try reader.rawValue()
        return .value(reader.offset - text.count..<reader.offset)
      }
      if container.isList {
        try reader.beginArray()
        _ = try reader.nextElement()
      }
      return try find(name, way.dropFirst(), &reader)
    }
    // What is missing of the way is put at the beginning of the innermost object that is there.
    let opening = way.map { "\"\($0.name)\":" + ($0.isList ? "[{" : "{") }.joined()
    let closing = way.reversed().map { $0.isList ? "}]" : "}" }.joined()
    return .gap(Gap(offset: start, opening: opening, closing: closing + (isEmpty ? "" : ",")))
  }
}
