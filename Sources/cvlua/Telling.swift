import Clock
import CommandCenter
import CommandCenterAPI
import Journal
import LuaVM
import Scripting
import Synchronization
import Workflow

/// Whom a live run tells what: the pings of its profile, and, through the journal's outbox, what needs a human.
/// Nothing of it changes what the run comes to.
final class Telling: Sendable {
  private struct State {
    /// Deliveries under way: of what the journal has, and others.
    var ofOutbox: [Task<Void, Never>] = []
    var others: [Task<Void, Never>] = []
    /// What is tried right now and is in no journal, by the words for its failure, and why it failed last.
    var open: [String: String] = [:]
    /// Nobody waits any longer, and what was not told has been said.
    var isOver = false
    /// What is to be told and is in no journal.
    var letters: [Letter] = []
  }

  private let profile: Profile
  private let postman: Postman
  private let script: String
  private let night: String
  private let ledger: Ledger?
  private let clock: any RunClock
  private let warn: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// After these the end of a run tries again what was not told, and after these pauses it is left to others.
  private static let pauses = [Duration.seconds(1), .seconds(4)]
  /// So long the end of a run waits at most; two thirds of what a signal grants.
  private static let patience = Duration.seconds(40)

  /// - Parameter warn: told what could not be told, a sentence each.
  init(
    _ profile: Profile, _ profiles: Profiles, script: String, night: String, ledger: Ledger?,
    clock: any RunClock, warn: @escaping @Sendable (String) -> Void
  ) {
    self.profile = profile
    postman = Postman(profiles: profiles)
    self.script = script
    self.night = night
    self.ledger = ledger
    self.clock = clock
    self.warn = warn
  }

  private var run: String? { ledger?.run.description }
  private var outbox: Outbox? { ledger.map { Outbox($0.store, clock, postman) } }

  /// The run begins: a ping, and what processes that are gone have left to be told. It waits for neither.
  func begin() {
    let start = Task { await ping("start", profile.ping.start, exitCode: nil, pauses: Self.pauses) }
    state.withLock { $0.others.append(start) }
    guard let outbox else { return }
    ofOutbox { [self] in say(await outbox.deliver()) }
  }

  /// A message of the script. Called with a hold on the clock.
  func tell(_ secret: String?, _ form: Letter.Form, _ body: [UInt8]) async throws(LuaFailure) {
    let letter = Letter(profile: profile.name, secret: secret, form: form, body: body)
    guard let ledger, let outbox else {
      return state.withLock { $0.letters.append(letter) }
    }
    do throws(RunStop) { try await ledger.tell(letter, at: clock.now) } catch {
      throw LuaFailure("journal", "the message could not be written down: \(error.sentence)")
    }
    // What is not told now is tried again at the end, which says so.
    ofOutbox { _ = await outbox.deliver(of: ledger.run) }
  }

  /// What goes into the journal with the end of the run.
  func messages(_ notice: Notice?) -> [Change] {
    guard let notice else { return [] }
    return profile.recipients.map { .message(notice.message(to: $0, at: clock.now)) }
  }

  /// The run has ended: tells what is to be told, and waits for it, though not for long. Called with a hold on
  /// the clock.
  ///
  /// - Parameters:
  ///   - notice: nil where nobody is needed.
  ///   - isWritten: ``messages(_:)`` is on disk.
  func end(_ notice: Notice?, exitCode: Int32, isWritten: Bool, isInterrupted: Bool) async {
    let pauses = isInterrupted ? [] : Self.pauses
    let letters = state.withLock { state in
      if let notice, !isWritten { state.letters += profile.recipients.map(notice.letter) }
      return state.letters
    }
    let isGood = exitCode == 0 || exitCode == 1
    let others = state.withLock { $0.others }
    await clock.within(Self.patience) { [self] in
      await withTaskGroup { group in
        // Whoever does not answer keeps nobody from being told who does.
        for task in others { group.addTask { await task.value } }
        group.addTask { [self] in
          await ping(
            isGood ? "success" : "fail", isGood ? profile.ping.success : profile.ping.fail,
            exitCode: exitCode, pauses: pauses)
        }
        for letter in letters {
          group.addTask { [self] in
            await attempt("\(letter.place) could not be told", pauses) { () async throws(Undelivered) in
              try await postman.deliver(letter)
            }
          }
        }
        if let outbox, let run = ledger?.run {
          group.addTask { [self] in say(await empty(outbox, of: run, pauses)) }
        }
      }
      state.withLock { $0.isOver = true }
    }
    await sayOpen()
  }

  /// Delivers what the journal has of the run, and once more what an earlier try has in its hands meanwhile.
  ///
  /// - Returns: what could not be told, a sentence each.
  private func empty(_ outbox: Outbox, of run: RunID, _ pauses: [Duration]) async -> [String] {
    let earlier = state.withLock { $0.ofOutbox }
    async let first = outbox.deliver(of: run, pauses: pauses)
    for task in earlier { await task.value }
    let open = await first
    if earlier.isEmpty { return open }
    return open.isEmpty ? await outbox.deliver(of: run, pauses: pauses) : await outbox.undelivered(of: run)
  }

  /// Says what is still not told when nobody waits any longer; nothing where all was told or said before.
  private func sayOpen() async {
    let open = state.withLock { state -> [String: String]? in
      defer { state.isOver = true }
      return state.isOver ? nil : state.open
    }
    guard let open else { return }
    for (failure, why) in open.sorted(by: { $0.key < $1.key }) { warn("\(failure): \(why)") }
    guard let outbox, let run = ledger?.run else { return }
    for sentence in await outbox.undelivered(of: run) { warn(sentence) }
  }

  private func say(_ sentences: [String]) {
    if state.withLock({ $0.isOver }) { return }
    for sentence in sentences { warn(sentence) }
  }

  /// No run came about: whoever is not at a terminal learns it only so.
  func refused(_ sentence: String, exitCode: Int32) async {
    let reason = Notice.Reason(kind: "start", message: sentence)
    let notice = Notice(
      run: nil, script: script, night: night, exit: Int(exitCode), outcome: "not_started",
      sentence: "the run did not start", reasons: [reason])
    await end(notice, exitCode: exitCode, isWritten: false, isInterrupted: false)
  }

  // MARK: the ways

  private func ping(_ event: String, _ address: PingAddress?, exitCode: Int32?, pauses: [Duration]) async {
    guard let address else { return }
    var json = JSONWriter()
    json.beginObject()
    json.member("event", event)
    if let run { json.member("run", run) }
    json.member("night", night)
    json.member("script", script)
    if let exitCode { json.member("exit", Int64(exitCode)) }
    json.endObject()
    let (body, profile) = (json.bytes, profile)
    await attempt("ping.\(event) of profile \(profile.name) could not be told", pauses) {
      () async throws(Undelivered) in
      try await Postman.post(body, to: { () throws(LuaFailure) in try address.fetch() }, of: profile)
    }
  }

  /// Tries until it succeeds or no pause is left.
  private func attempt(
    _ failure: String, _ pauses: [Duration], _ body: () async throws(Undelivered) -> Void
  ) async {
    state.withLock { $0.open[failure] = "its server has not answered yet" }
    defer { state.withLock { $0.open[failure] = nil } }
    var pauses = pauses[...]
    while true {
      do throws(Undelivered) { return try await body() } catch {
        guard let pause = pauses.popFirst() else { return say(["\(failure): \(error.sentence)"]) }
        state.withLock { $0.open[failure] = error.sentence }
        clock.hold()
        try? await clock.sleep(for: pause)
        clock.release()
      }
    }
  }

  private func ofOutbox(_ body: @escaping @Sendable () async -> Void) {
    let task = Task { await body() }
    state.withLock { $0.ofOutbox.append(task) }
  }
}

extension Profile {
  /// Whom it tells when something needs a human.
  var recipients: [Recipient] {
    var forms: [Letter.Form] = []
    if attention.webhook != nil { forms.append(.webhook) }
    if attention.slack != nil { forms.append(.slack) }
    if attention.teams != nil { forms.append(.teams) }
    if attention.pagerDuty != nil { forms.append(.pagerduty) }
    if attention.email != nil { forms.append(.email) }
    return forms.map { Recipient(profile: name, form: $0) }
  }
}
