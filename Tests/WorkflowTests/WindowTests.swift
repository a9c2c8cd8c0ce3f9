import Clock
import CommandCenterAPI
import Testing
import Workflow

@Suite("A window")
struct WindowTests {
  private static func window(_ json: String) throws -> Window { try Window(json: Array(json.utf8)) }

  private static func moment(_ text: String) throws -> Moment { try #require(CivilTime.moment(text)) }

  /// What a window does in a night, minute by minute from noon to noon: `+02:30` opens, `-04:00` closes, as
  /// clocks there show it.
  private func changes(_ window: Window, _ night: String) throws -> [String] {
    let day = try #require(CalendarDay(night))
    let noon = window.zone.moment(day, 12 * 3600)
    let end = window.zone.moment(day, 36 * 3600)
    let hours = WindowHours(window, in: Night(start: noon))
    var changes: [String] = []
    var wasOpen = false
    var now = noon
    while now < end {
      var isOpen = false
      if case .open = hours.standing(at: now) { isOpen = true }
      if isOpen != wasOpen {
        let minutes = window.zone.wallTime(at: now).seconds / 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        changes.append("\(isOpen ? "+" : "-")\(two(minutes / 60)):\(two(minutes % 60))")
      }
      wasOpen = isOpen
      now = now + .seconds(60)
    }
    return changes
  }

  @Test(
    "opens once and closes once in the nights of both changes of the clocks",
    arguments: [
      ("Europe/Berlin", "2026-03-28"), ("Europe/Berlin", "2026-10-24"),
      ("America/New_York", "2026-03-07"), ("America/New_York", "2026-10-31"),
      ("Australia/Lord_Howe", "2026-10-03"), ("Australia/Lord_Howe", "2026-04-04"),
    ])
  func changesOfClocks(_ zone: String, _ night: String) throws {
    // Around, before, across, in the midst of and after the hour between one and four.
    let times = [
      "00:30", "01:00", "01:15", "01:45", "02:00", "02:10", "02:20", "02:30", "02:45", "03:00", "03:30",
    ]
    for (index, first) in times.enumerated() {
      for last in times[(index + 1)...] {
        let window = try Self.window(
          #"{"first_start":"\#(first)","last_start":"\#(last)","zone":"\#(zone)"}"#)
        let found = try changes(window, night)
        #expect(found.count == 2, "\(first) to \(last): \(found)")
        #expect(found.first?.first == "+" && found.last?.first == "-", "\(first) to \(last): \(found)")
      }
    }
  }

  @Test("moves a time that clocks pass over to the first minute after it, and takes the first of two")
  func moves() throws {
    func changes(_ first: String, _ last: String, _ zone: String, _ night: String) throws -> [String] {
      try self.changes(
        try Self.window(#"{"first_start":"\#(first)","last_start":"\#(last)","zone":"\#(zone)"}"#), night)
    }
    // The minute that last_start names is inside.
    #expect(try changes("02:30", "04:00", "Europe/Berlin", "2026-03-28") == ["+03:00", "-04:01"])
    #expect(try changes("01:00", "02:30", "Europe/Berlin", "2026-03-28") == ["+01:00", "-03:01"])
    // All of it is in the hour that does not exist: half an hour it is all the same.
    #expect(try changes("02:10", "02:40", "Europe/Berlin", "2026-03-28") == ["+03:00", "-03:31"])
    #expect(try changes("02:15", "02:45", "Europe/Berlin", "2026-10-24") == ["+02:15", "-02:46"])
    #expect(try changes("02:10", "03:00", "Australia/Lord_Howe", "2026-10-03") == ["+02:30", "-03:01"])
    #expect(try changes("01:10", "01:50", "America/New_York", "2026-10-31") == ["+01:10", "-01:51"])
  }

  @Test("A blackout closes it for a while, once on every night; one in the hour that does not exist is none")
  func blackouts() throws {
    func changes(_ night: String) throws -> [String] {
      try self.changes(
        try Self.window(
          #"{"last_start":"05:00","zone":"Europe/Berlin","blackout":[["02:15","02:45"],["23:30","00:30"]]}"#),
        night)
    }
    #expect(try changes("2026-11-21") == ["+12:00", "-23:30", "+00:30", "-02:15", "+02:45", "-05:01"])
    #expect(try changes("2026-03-28") == ["+12:00", "-23:30", "+00:30", "-05:01"])
    #expect(try changes("2026-10-24") == ["+12:00", "-23:30", "+00:30", "-02:15", "+02:45", "-05:01"])
  }

  @Test("belongs to the night of the zone in which the run first started, whenever it is asked")
  func night() throws {
    let window = try Self.window(#"{"last_start":"05:00","zone":"Europe/Berlin"}"#)
    // Half past noon in Berlin: the night to come.
    let start = try Self.moment("2026-11-21T11:30Z")
    let hours = WindowHours(window, in: Night(start: start))
    #expect(hours.closes?.iso8601 == "2026-11-22T04:00:00Z")
    #expect(hours.standing(at: start) == .open(until: hours.closes))
    #expect(hours.standing(at: try Self.moment("2026-11-22T04:00Z")) == .open(until: hours.closes))
    #expect(
      hours.standing(at: try Self.moment("2026-11-22T08:00Z"))
        == .over("last_start 05:00 (Europe/Berlin) has passed"))
    #expect(hours.standing(at: try Self.moment("2026-11-22T08:00Z"), late: true) == .open(until: nil))
    // A run that is started at three in the morning has two hours.
    let early = WindowHours(window, in: Night(start: try Self.moment("2026-11-22T02:00Z")))
    #expect(early.closes?.iso8601 == "2026-11-22T04:00:00Z")
  }

  @Test("tells when it opens, until when it is open, and why it is over")
  func standings() throws {
    let window = try Self.window(
      #"{"first_start":"22:00","last_start":"05:00","zone":"UTC","blackout":[["01:00","01:30"],["04:30","06:00"]]}"#
    )
    let hours = WindowHours(window, in: Night(start: try Self.moment("2026-11-21T20:00Z")))
    func standing(_ time: String) throws -> WindowHours.Standing {
      hours.standing(at: try Self.moment("2026-11-\(time)Z"))
    }
    #expect(
      try standing("21T20:00")
        == .closed(until: try Self.moment("2026-11-21T22:00Z"), "first_start 22:00 (UTC)"))
    // A blackout's first moment is outside already.
    #expect(try standing("21T22:00") == .open(until: try Self.moment("2026-11-22T01:00Z") - .nanoseconds(1)))
    #expect(
      try standing("22T01:00")
        == .closed(until: try Self.moment("2026-11-22T01:30Z"), "blackout from 01:00 to 01:30"))
    #expect(try standing("22T01:30") == .open(until: try Self.moment("2026-11-22T04:30Z") - .nanoseconds(1)))
    #expect(
      try standing("22T04:40")
        == .over("the blackout from 04:30 to 06:00 lasts beyond last_start 05:00 (UTC)"))
  }

  @Test(
    "A night of a blackout is over before it begins",
    arguments: [
      ("2026-12-23", false), ("2026-12-24", true), ("2026-12-31", true), ("2027-01-01", true),
      ("2027-01-02", false),
    ])
  func nights(_ night: String, _ isOff: Bool) throws {
    let window = try Self.window(#"{"zone":"UTC","blackout":["2026-12-24",["2026-12-31","2027-01-01"]]}"#)
    let hours = WindowHours(window, in: Night(start: try Self.moment("\(night)T22:00Z")))
    let standing = hours.standing(at: try Self.moment("\(night)T22:00Z"))
    #expect(standing == (isOff ? .over("the night of \(night) is a blackout") : .open(until: nil)))
  }

  @Test(
    "is written and read as JSON without loss",
    arguments: [
      #"{"last_start":"05:00"}"#,
      #"{"first_start":"22:00","last_start":"05:00","zone":"Europe/Berlin","still_queued":"kill"}"#,
      #"{"blackout":[["01:00","01:30"],["2026-12-24","2026-12-24"],["2026-12-31","2027-01-01"]]}"#,
    ])
  func json(_ text: String) throws {
    let window = try Self.window(text)
    #expect(String(decoding: window.json, as: UTF8.self) == text)
    #expect(try Window(json: window.json) == window)
  }

  @Test(
    "says what is wrong with it, and the way out",
    arguments: [
      ("[]", "say at least last_start"), ("5", "a table such as"),
      (#"{"last_strt":"05:00"}"#, "did you mean last_start?"),
      (#"{"last_start":"5"}"#, #"such as "05:00", not "5""#), (#"{"last_start":"24:00"}"#, "not"),
      (#"{"first_start":7}"#, #"such as "22:00", not 7"#),
      (#"{"last_start":"05:00","zone":"Europe/Berln"}"#, "did you mean Europe/Berlin?"),
      (#"{"last_start":"05:00","zone":"../etc"}"#, "there is no time zone"),
      (#"{"last_start":"05:00","still_queued":"drop"}"#, #""leave" or "kill""#),
      (#"{"first_start":"22:00","still_queued":"kill"}"#, "needs last_start"),
      (#"{"first_start":"05:00","last_start":"22:00"}"#, "noon to noon"),
      (#"{"first_start":"05:00","last_start":"05:00"}"#, "not before"),
      (#"{"blackout":"tomorrow"}"#, #"a night such as "2026-12-24""#), (#"{"blackout":5}"#, "must be a list"),
      (#"{"blackout":["01:00","02:00"]}"#, "blackout 1 must be two times"),
      (#"{"blackout":[["02:00","01:00"]]}"#, "not after"),
      (#"{"blackout":[["11:00","13:00"]]}"#, "noon to noon"),
      (#"{"blackout":["2026-12-24",["2026-02-30","2026-03-01"]]}"#, "blackout 2"),
      (#"{"blackout":[["2026-12-24","2026-12-23"]]}"#, "before"),
    ])
  func mistakes(_ json: String, _ part: String) {
    let error = #expect(throws: WindowMistake.self) { try Self.window(json) }
    #expect(error?.sentence.contains(part) ?? false, "\(error?.sentence ?? "")")
  }
}
