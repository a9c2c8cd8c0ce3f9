import Glibc
import Testing

/// A run dies by SIGKILL at each of its named points in turn, and is taken up again: each backup that the script
/// asks for has run exactly once, by the simulator's own list, and the result is the undisturbed run's.
@Suite("A run that dies at any point", .serialized)
struct CrashTests {
  @Test("loses and doubles nothing when it is resumed")
  func everyPoint() async throws {
    let night = CrashNight()
    let (undisturbed, points) = try await night.undisturbed()
    #expect(undisturbed.jobs.count == 12)
    #expect(undisturbed.mostAtOnce == 2)
    #expect(points.count > 200)
    let wanted = Chosen.point.map { [$0] } ?? points
    let failures = try await few(wanted) { try await night.die(at: [$0], undisturbed) }
    print("crash test: \(wanted.count) points, \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(
    "loses and doubles nothing when it dies once more while it is resumed", .enabled(if: Chosen.point == nil))
  func secondKill() async throws {
    let night = CrashNight()
    let (undisturbed, points) = try await night.undisturbed()
    var choice = Choice(seed: 2)
    // Each resume passes many points of its own; some of each, other ones each time.
    let pairs = try await few(choice.some(12, of: points)) { first in
      try await night.pointsOfResume(after: first).map { [first, $0] }
    }
    let wanted = pairs.flatMap { choice.some(5, of: $0) }
    #expect(wanted.count > 40)
    let failures = try await few(wanted) { try await night.die(at: $0, undisturbed, mustDie: false) }
    print("crash test: \(wanted.count) pairs of points, \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(
    "loses and doubles nothing when answers are lost besides",
    .enabled(if: Chosen.point == nil),
    arguments: [
      // Each submit is taken, and no answer to one ever comes; jobs show up later than they are looked for first.
      "createtask:drop-answer,rds:hidden=90s",
      // In each life, the first submit is not taken, and the answer to the third is cut in two.
      "createtask:drop-before@1,createtask:truncate@3",
    ])
  func lostAnswers(_ faults: String) async throws {
    let (quiet, _) = try await CrashNight().undisturbed()
    let night = CrashNight(faults: "\(CrashNight().faults),\(faults)")
    let (undisturbed, points) = try await night.undisturbed()
    #expect(undisturbed.jobs == quiet.jobs)
    var choice = Choice(seed: 3)
    let wanted = choice.some(30, of: points)
    let failures = try await few(wanted) { try await night.die(at: [$0], undisturbed) }
    print("crash test: \(wanted.count) points with \(faults), \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test("loses and doubles nothing of what its steps do", .enabled(if: Chosen.point == nil))
  func steps() async throws {
    let night = CrashNight(script: CrashNight.steps, faults: "rds/unwaited:killed")
    let (undisturbed, points) = try await night.undisturbed()
    #expect(undisturbed.jobs.count == 9)
    #expect(undisturbed.code == 5)
    #expect(points.count > 100)
    let failures = try await few(points) { try await night.die(at: [$0], undisturbed) }
    print("crash test: \(points.count) points of steps, \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(
    "loses and doubles nothing when it dies again after a second try, whose answer is lost and whose job hides",
    .enabled(if: Chosen.point == nil))
  func secondTry() async throws {
    let night = CrashNight(faults: "\(CrashNight().faults),createtask:truncate,*:hidden=90s")
    let (undisturbed, points) = try await night.undisturbed()
    // Nothing was sent in the first life, so the second life sends some minutes after the intent.
    let firsts = points.filter { $0.hasPrefix("after intent@backup.") }
    #expect(firsts.count > 10)
    let pairs = try await few(firsts) { first in
      let resumed = try await night.pointsOfResume(after: first)
      let again = resumed.firstIndex { $0.hasPrefix("after again@") } ?? resumed.endIndex
      return resumed[again...].first { $0.hasPrefix("after POST /commandcenter/api/createtask") }
        .map { [first, $0] }
    }
    #expect(pairs.count > 10)
    let failures = try await few(pairs) { try await night.die(at: $0, undisturbed) }
    print("crash test: \(pairs.count) second tries, \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(
    "loses and doubles nothing with jobs that start when their ids are on disk, and with jobs without a token",
    .enabled(if: Chosen.point == nil), arguments: ["two_phase = true", "tag = false"])
  func marking(_ setting: String) async throws {
    let night = CrashNight(settings: ", \(setting)")
    let (undisturbed, points) = try await night.undisturbed()
    #expect(undisturbed.jobs.count == 12)
    var choice = Choice(seed: 4)
    let wanted =
      choice.some(20, of: points) + points.filter { $0.contains("createtask") || $0.contains("/resume") }
    let failures = try await few(wanted) { try await night.die(at: [$0], undisturbed) }
    print("crash test: \(wanted.count) points with \(setting), \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }
}

/// Does something with each, three at a time, and collects what comes of it.
func few<Element: Sendable, Value: Sendable>(
  _ list: [Element], atOnce: Int = 3, _ body: @escaping @Sendable (Element) async throws -> Value?
) async throws -> [Value] {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    var values: [Value] = []
    var rest = list[...]
    for element in rest.prefix(atOnce) { group.addTask { try await body(element) } }
    rest = rest.dropFirst(atOnce)
    while let value = try await group.next() {
      if let value { values.append(value) }
      if let element = rest.popFirst() { group.addTask { try await body(element) } }
    }
    return values
  }
}

/// Draws the same from the same list every time.
struct Choice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func some<Element>(_ count: Int, of list: [Element]) -> [Element] {
    Array(list.shuffled(using: &self).prefix(count))
  }
}

private enum Chosen {
  /// A single point to try, for whoever looks after one that fails.
  static let point = getenv("CVLUA_CRASH_POINT").map { String(cString: $0) }
}
