import Clock
public import CommandCenterAPI

/// What is wrong with a window: one sentence that names the field and the way out.
public struct WindowMistake: Error, Hashable, Sendable {
  public let sentence: String

  init(_ sentence: String) { self.sentence = sentence }
}

/// A window as scripts write it and as runs keep it:
/// `{"first_start":"22:00","last_start":"05:00","zone":"Europe/Berlin","still_queued":"kill",
/// "blackout":[["01:00","01:30"],"2026-12-24",["2026-12-31","2027-01-01"]]}`.
extension Window {
  private static let names = ["last_start", "first_start", "zone", "still_queued", "blackout"]

  /// - Throws: the first mistake.
  public init(_ json: JSONValue) throws(WindowMistake) {
    // An empty table of Lua may be a list as well.
    let members = json == .array([]) ? [] : json.members
    guard let members else {
      throw WindowMistake("it takes a table such as { last_start = \"05:00\" }, not \(Self.shown(json))")
    }
    for member in members where !Self.names.contains(member.name) {
      let hint = didYouMean(member.name, among: Self.names).map { "; did you mean \($0)?" }
      throw WindowMistake(
        "it knows no \(member.name)\(hint ?? "; it takes \(Self.names.joined(separator: ", "))")")
    }
    firstStart = try Self.time(json["first_start"], "first_start", "22:00")
    lastStart = try Self.time(json["last_start"], "last_start", "05:00")
    if let given = json["zone"] { zone = try Self.zone(given) }
    if let given = json["still_queued"] {
      guard let value = given.string.flatMap(StillQueued.init(rawValue:)) else {
        throw WindowMistake("still_queued is \"leave\" or \"kill\", not \(Self.shown(given))")
      }
      stillQueued = value
    }
    if let given = json["blackout"] { blackouts = try Self.blackouts(given) }
    try check(hasBlackouts: json["blackout"] != nil)
  }

  /// - Throws: the first mistake.
  public init(json bytes: [UInt8]) throws(WindowMistake) {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch { throw WindowMistake("it is no JSON: \(error)") }
    try self.init(value)
  }

  /// As JSON text in UTF-8.
  public var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    if let firstStart { json.member("first_start", firstStart.text) }
    if let lastStart { json.member("last_start", lastStart.text) }
    if let name = zone.name { json.member("zone", name) }
    if stillQueued != .leave { json.member("still_queued", stillQueued.rawValue) }
    if !blackouts.isEmpty || firstStart == nil && lastStart == nil {
      json.key("blackout")
      json.beginArray()
      for blackout in blackouts {
        let (from, to) = blackout.texts
        json.beginArray()
        json.string(from)
        json.string(to)
        json.endArray()
      }
      json.endArray()
    }
    json.endObject()
    return json.bytes
  }

  /// - Parameter hasBlackouts: it names them, though there may be none tonight.
  private func check(hasBlackouts: Bool) throws(WindowMistake) {
    if firstStart == nil && lastStart == nil && !hasBlackouts {
      throw WindowMistake("say at least last_start, first_start or blackout")
    }
    if stillQueued == .kill && lastStart == nil {
      throw WindowMistake("still_queued = \"kill\" needs last_start: that is when it looks")
    }
    if let firstStart, let lastStart, firstStart.minutesOfNight >= lastStart.minutesOfNight {
      throw WindowMistake(
        "first_start \(firstStart.text) is not before last_start \(lastStart.text); a night goes from noon to noon"
      )
    }
  }

  // MARK: parts

  private static func time(
    _ given: JSONValue?, _ name: String, _ example: String
  ) throws(WindowMistake) -> TimeOfDay? {
    guard let given else { return nil }
    guard let time = given.string.flatMap(TimeOfDay.init) else {
      throw WindowMistake("\(name) must be a time of day such as \"\(example)\", not \(shown(given))")
    }
    return time
  }

  private static func zone(_ given: JSONValue) throws(WindowMistake) -> Zone {
    guard let name = given.string else {
      throw WindowMistake("zone must be a name such as \"Europe/Berlin\", not \(shown(given))")
    }
    do throws(Zone.Problem) { return try Zone(named: name) } catch {
      switch error {
      case .unknown:
        let hint = didYouMean(name, among: Zone.knownNames).map { "; did you mean \($0)?" }
        throw WindowMistake(
          "there is no time zone \(shown(given))\(hint ?? "; take a name such as Europe/Berlin")")
      case .noDatabase(let folder):
        throw WindowMistake(
          "there is no time zone database in \(folder); install tzdata, or leave zone out for the machine's own"
        )
      case .unreadable(let path): throw WindowMistake("\(path) is no time zone file")
      }
    }
  }

  private static func blackouts(_ given: JSONValue) throws(WindowMistake) -> [Blackout] {
    if given.string != nil { return [try blackout(given, "")] }
    guard let entries = given.array else {
      throw WindowMistake(
        "blackout must be a list such as { { \"01:00\", \"01:30\" }, \"2026-12-24\" }, not \(shown(given))")
    }
    var blackouts: [Blackout] = []
    for (index, entry) in entries.enumerated() {
      blackouts.append(try blackout(entry, " \(index + 1)"))
    }
    return blackouts
  }

  private static func blackout(_ given: JSONValue, _ which: String) throws(WindowMistake) -> Blackout {
    if let day = given.string.flatMap({ CalendarDay($0) }) { return .nights(from: day, to: day) }
    let pair: (String, String)? =
      if let list = given.array, list.count == 2, let from = list[0].string, let to = list[1].string {
        (from, to)
      } else if given.members?.count == 2, let from = given["from"]?.string, let to = given["to"]?.string {
        (from, to)
      } else { nil }
    if let (from, to) = pair {
      if let from = TimeOfDay(from), let to = TimeOfDay(to) {
        guard from.minutesOfNight < to.minutesOfNight else {
          throw WindowMistake(
            "blackout\(which) ends at \(to.text), which is not after \(from.text); a night goes from noon to noon"
          )
        }
        return .hours(from: from, to: to)
      }
      if let from = CalendarDay(from), let to = CalendarDay(to) {
        guard from <= to else {
          throw WindowMistake("blackout\(which) ends with \(to.text), which is before \(from.text)")
        }
        return .nights(from: from, to: to)
      }
    }
    let what = pair.map { "{ \"\($0.0)\", \"\($0.1)\" }" } ?? shown(given)
    throw WindowMistake(
      "blackout\(which) must be two times such as { \"01:00\", \"01:30\" }, a night such as \"2026-12-24\", or the first and the last of several nights, not \(what)"
    )
  }

  /// A value for a message.
  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .null: "nil"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .string(let text): "\"\(text.count > 60 ? text.prefix(57) + "…" : text[...])\""
    case .array, .object: "a table"
    }
  }
}

extension Window.Blackout {
  fileprivate var texts: (String, String) {
    switch self {
    case .hours(let from, let to): (from.text, to.text)
    case .nights(let from, let to): (from.text, to.text)
    }
  }
}
