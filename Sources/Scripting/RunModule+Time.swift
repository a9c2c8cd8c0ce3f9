import Clock
import CommandCenterAPI
import LuaVM

/// `run.date` and `run.time`: os.date and os.time with a time zone.
extension RunModule {
  static let dateShape = APIShape(
    "date", .table, "A date and a time of day, as the clocks of a time zone show them.",
    [
      .init("year", "integer", "such as 2026"),
      .init("month", "integer", "1 to 12"),
      .init("day", "integer", "1 to 31"),
      .init("hour", "integer", "0 to 23"),
      .init("min", "integer", "0 to 59"),
      .init("sec", "integer", "0 to 59"),
      .init("wday", "integer", "1 for Sunday to 7 for Saturday, as os.date has it"),
      .init("weekday", "string", "such as \"Saturday\""),
      .init("offset", "integer", "seconds east of Greenwich"),
    ])

  static var timeEntries: [APIEntry] {
    [
      APIEntry(
        "run.date", "(time?: integer, zone?: string): date",
        """
        A moment, in unix time, as a date and a time of day of a zone such as "Europe/Berlin"; now where there is \
        none, in the machine's zone where none is named.
        """,
        example: "assert(run.date(0, \"Europe/Berlin\").hour == 1)", date),
      APIEntry(
        "run.time", "(date: table, zone?: string): integer",
        """
        The unix time at which the clocks of a zone show a date: { year, month, day } and, where they are given, \
        hour, min and sec. A time that clocks skip is the first after it, one that they show twice the first. What \
        is too much for its field, such as day = 32, runs on into the next one.
        """,
        example:
          "assert(run.time({ year = 2026, month = 7, day = 1, hour = 2 }, \"Europe/Berlin\") == 1782864000)",
        time),
    ]
  }

  private static func zone(_ call: Stack, _ function: String) throws(LuaFailure) -> Zone {
    if call.isNothing(2) { return .machine }
    guard let name = call.string(2) else {
      throw .argument("\(function): the zone must be a name such as \"Europe/Berlin\", not \(call.quoted(2))")
    }
    let session = Session.of(call)
    if let known = session.zones[name] { return known }
    do throws(Zone.Problem) {
      let zone = try Zone(named: name)
      session.zones[name] = zone
      return zone
    } catch {
      switch error {
      case .unknown:
        let hint = didYouMean(name, among: Zone.knownNames).map { "; did you mean \($0)?" }
        throw .argument(
          "\(function): there is no time zone \(call.quoted(2))\(hint ?? "; take a name such as Europe/Berlin")"
        )
      case .noDatabase(let folder):
        throw .argument(
          "\(function): there is no time zone database in \(folder); install tzdata, or leave the zone out for the machine's own"
        )
      case .unreadable(let path): throw .argument("\(function): \(path) is no time zone file")
      }
    }
  }

  /// A thousand years around now: no sum of such numbers overflows, and nothing is further away.
  private static let seconds = -31_556_952_000...31_556_952_000

  private static func date(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let moment: Moment
    if call.isNothing(1) {
      moment = session.clock.now
    } else {
      guard let seconds = call.integer(1), Self.seconds.contains(Int(seconds)) else {
        throw .argument("run.date takes a unix time, a whole number of seconds, not \(call.quoted(1))")
      }
      moment = Moment(unixSeconds: seconds)
    }
    let zone = try zone(call, "run.date")
    let (day, seconds) = zone.wallTime(at: moment)
    call.pushTable(fields: 9)
    for (name, value) in [
      ("year", day.year), ("month", day.month), ("day", day.day), ("hour", seconds / 3600),
      ("min", seconds / 60 % 60), ("sec", seconds % 60), ("wday", day.dayOfWeek + 1),
      ("offset", zone.offset(at: moment)),
    ] {
      call.push(value)
      call.set(-2, name)
    }
    call.push(CivilTime.weekdays[day.dayOfWeek])
    call.set(-2, "weekday")
    return .values(1)
  }

  private static func time(_ call: Stack) throws(LuaFailure) -> Reply {
    guard call.type(1) == .table else {
      throw .argument(
        "run.time takes a table such as { year = 2026, month = 7, day = 1 }, not \(call.quoted(1))")
    }
    func number(_ name: String, _ usual: Int?) throws(LuaFailure) -> Int {
      defer { call.pop() }
      if call.get(1, name) == .null, let usual { return usual }
      guard let number = call.integer(-1), (-1_000_000...1_000_000).contains(number) else {
        throw .argument("run.time: \(name) must be a whole number, not \(call.quoted(-1))")
      }
      return Int(number)
    }
    let (year, month, day) = (try number("year", nil), try number("month", nil), try number("day", nil))
    let seconds = try number("hour", 0) * 3600 + number("min", 0) * 60 + number("sec", 0)
    // Months run on into years.
    let months = year * 12 + month - 1
    let first = CalendarDay(
      year: Int((Double(months) / 12).rounded(.down)), month: (months % 12 + 12) % 12 + 1, day: 1)
    let wholeDays = Int((Double(seconds) / 86_400).rounded(.down))
    let wanted = CalendarDay(number: first.number + day - 1 + wholeDays)
    guard (-500...4000).contains(wanted.year) else {
      throw .argument("run.time: the year \(wanted.year) is too far away")
    }
    let moment = try zone(call, "run.time").moment(wanted, seconds - wholeDays * 86_400)
    call.push(moment.unixSeconds)
    return .values(1)
  }
}
