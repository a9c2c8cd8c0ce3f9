import Clock
import Glibc
import Testing

@Suite("Time zones")
struct ZoneTests {
  /// What `date` says of moments in a zone: seconds east of Greenwich.
  private func asked(_ zone: String, _ moments: [Int]) throws -> [Int] {
    var name = Array("/tmp/cvlua-zone-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    let path = String(decoding: name.dropLast().map(UInt8.init), as: UTF8.self)
    defer { unlink(path) }
    let text = moments.map { "@\($0)\n" }.joined()
    #expect(write(file, text, text.utf8.count) == text.utf8.count)
    close(file)
    let pipe = try #require(popen("TZ=\(zone) date -f \(path) +%::z", "r"))
    defer { pclose(pipe) }
    var offsets: [Int] = []
    var line = [CChar](repeating: 0, count: 64)
    while fgets(&line, 64, pipe) != nil {
      let text = String(decoding: line.prefix { $0 > 32 }.map(UInt8.init), as: UTF8.self)
      let parts = text.dropFirst().split(separator: ":").compactMap { Int($0) }
      let seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
      offsets.append(text.hasPrefix("-") ? -seconds : seconds)
    }
    return offsets
  }

  @Test(
    "Offsets are those of date(1), from 1950 to 2100",
    arguments: [
      "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca",
      "Pacific/Apia", "America/Nuuk", "Asia/Kolkata", "America/Sao_Paulo", "Etc/GMT+5", "UTC", "CET",
    ])
  func offsets(_ name: String) throws {
    let zone = try Zone(named: name)
    // About every twelve days, at another time of day each time; and each hour of two nights of changes.
    var moments = Array(stride(from: -631_152_000, to: 4_102_444_800, by: 1_040_401))
    for day in [1_774_742_400, 1_792_886_400, 4_089_484_800] {
      moments += stride(from: day - 172_800, to: day + 172_800, by: 1800)
    }
    #expect(moments.count > 4000)
    #expect(moments.map { zone.offset(at: Moment(unixSeconds: Int64($0))) } == (try asked(name, moments)))
  }

  @Test("A time that clocks pass over is the first moment after it; one that they show twice is the first")
  func jumps() throws {
    func moment(_ name: String, _ day: String, _ hour: Int, _ minute: Int) throws -> String {
      try Zone(named: name).moment(try #require(CalendarDay(day)), hour * 3600 + minute * 60).iso8601
    }
    #expect(try moment("Europe/Berlin", "2026-03-29", 1, 59) == "2026-03-29T00:59:00Z")
    #expect(try moment("Europe/Berlin", "2026-03-29", 2, 0) == "2026-03-29T01:00:00Z")
    #expect(try moment("Europe/Berlin", "2026-03-29", 2, 30) == "2026-03-29T01:00:00Z")
    #expect(try moment("Europe/Berlin", "2026-03-29", 3, 0) == "2026-03-29T01:00:00Z")
    #expect(try moment("Europe/Berlin", "2026-03-28", 27, 0) == "2026-03-29T01:00:00Z")
    #expect(try moment("Europe/Berlin", "2026-10-25", 2, 30) == "2026-10-25T00:30:00Z")
    #expect(try moment("Europe/Berlin", "2026-10-25", 3, 0) == "2026-10-25T02:00:00Z")
    // Half an hour only.
    #expect(try moment("Australia/Lord_Howe", "2026-10-04", 2, 10) == "2026-10-03T15:30:00Z")
    #expect(try moment("Australia/Lord_Howe", "2026-04-05", 1, 45) == "2026-04-04T14:45:00Z")
    // Samoa has had no 30th of December 2011.
    #expect(try moment("Pacific/Apia", "2011-12-30", 12, 0) == "2011-12-30T10:00:00Z")
  }

  @Test("The machine's own zone is that of its clocks")
  func machine() throws {
    let moment = try #require(CivilTime.moment("2026-11-21T22:04:05"))
    let (day, seconds) = Zone.machine.wallTime(at: moment)
    #expect(day.text == "2026-11-21")
    #expect(seconds == 22 * 3600 + 4 * 60 + 5)
    #expect(Zone.machine.moment(day, seconds) == moment)
  }

  @Test(
    "What is no name of the database is refused",
    arguments: [
      "Europe/Berln", "", "/etc/passwd", "../zoneinfo/UTC", "Europe", "Europe//Berlin", "zone.tab ",
    ])
  func unknown(_ name: String) {
    #expect(throws: Zone.Problem.unknown) { try Zone(named: name) }
  }

  @Test("A file that is no time zone file is told of by its path, and the database lists its names")
  func database() {
    #expect(throws: Zone.Problem.self) { try Zone(named: "leapseconds") }
    #expect(Zone.knownNames.contains("Europe/Berlin"))
    #expect(Zone.knownNames.contains("Europe/Paris"))
    #expect(Zone.knownNames.contains("US/Eastern"))
  }
}

@Suite("Days of the calendar")
struct CalendarDayTests {
  @Test("have the number that the C library gives them")
  func numbers() {
    for number in stride(from: -200_000, to: 200_000, by: 37) {
      var seconds = time_t(number * 86_400)
      var parts = tm()
      gmtime_r(&seconds, &parts)
      let day = CalendarDay(
        year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
      #expect(day.number == number)
      #expect(day.dayOfWeek == Int(parts.tm_wday))
      #expect(CalendarDay(number: number).month == Int(parts.tm_mon) + 1)
    }
  }

  @Test(
    "and are read from their text",
    arguments: [
      ("2026-12-24", true), ("2028-02-29", true), ("2026-02-29", false), ("2026-13-01", false),
      ("2026-1-1", false), ("2026-04-31", false), ("2026-04-00", false), ("tomorrow", false),
      ("+026-04-01", false),
    ])
  func text(_ text: String, _ isDay: Bool) {
    #expect(CalendarDay(text)?.text == (isDay ? text : nil))
  }
}
