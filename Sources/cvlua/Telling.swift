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
    /// Deliveries under way.
    var tasks: [Task<Void, Never>] = []
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
    inBackground { [self] in await ping("start", profile.ping.start, exitCode: nil, pauses: Self.pauses) }
    guard let outbox else { return }
    inBackground { [self] in
      for sentence in await outbox.deliver() { warn(sentence) }
    }
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
    inBackground { _ = await outbox.deliver(of: ledger.run) }
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
    await clock.within(Self.patience) { [self] in
      for task in state.withLock({ $0.tasks }) { await task.value }
      await withTaskGroup { group in
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
          group.addTask { [self] in
            for sentence in await outbox.deliver(of: run, pauses: pauses) { warn(sentence) }
          }
        }
      }
    }
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
    var pauses = pauses[...]
    while true {
      do throws(Undelivered) { return try await body() } catch {
        guard let pause = pauses.popFirst() else { return warn("\(failure): \(error.sentence)") }
        clock.hold()
        try? await clock.sleep(for: pause)
        clock.release()
      }
    }
  }

  private func inBackground(_ body: @escaping @Sendable () async -> Void) {
    let task = Task { await body() }
    state.withLock { $0.tasks.append(task) }
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
