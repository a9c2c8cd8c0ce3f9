import ArgumentParser
import Clock
import Journal
import Terminal

/// `cvlua adopt RUN STEP JOB…`: somebody has found the jobs of a submit whose answer never came.
struct AdoptCommand: Subcommand {
  static let abstract = """
    Says which jobs belong to a submit whose answer never came, or came with another's job. STEP is its number in \
    cvlua show RUN. The run waits for these jobs, and for no other that the step had, when it is resumed, and does \
    not submit again.
    """

  @Argument(help: RunName.help)
  var name: String
  @Argument(help: "The step's number in cvlua show RUN.")
  var step: Int
  @Argument(help: "The ids of its jobs.")
  var jobs: [String]

  @OptionGroup var journal: JournalOptions

  func validate() throws {
    guard !jobs.isEmpty, jobs.allSatisfy({ Int64($0).map { $0 > 0 } ?? false }) else {
      throw ValidationError("a job is a number such as 148886")
    }
  }

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let jobs = jobs
    let (run, step) = try await OpenStep.change(try journal.open(), name, step) { step in
      [
        .adopted(
          step: step.key, jobs: jobs.map { Job(server: step.server ?? "", id: $0) },
          note: Self.note(step, jobs), at: SystemClock().now)
      ]
    }
    let old = Self.dropped(step, jobs).map { ", and job \($0) does not any more" } ?? ""
    print("job \(jobs.joined(separator: ", ")) belongs to it now\(old); cvlua resume \(run) goes on")
    return 0
  }

  /// The jobs that a step had and has no more.
  private static func dropped(_ step: StepRecord, _ adopted: [String]) -> String? {
    let dropped = step.jobs.map(\.job.id).filter { !adopted.contains($0) }
    return dropped.isEmpty ? nil : dropped.joined(separator: ", ")
  }

  private static func note(_ step: StepRecord, _ adopted: [String]) -> String {
    guard let dropped = dropped(step, adopted) else { return "adopted by hand" }
    return "adopted by hand in place of job \(dropped)" + (step.note.map { " (\($0))" } ?? "")
  }
}

/// `cvlua resubmit RUN STEP`: somebody has made sure that a submit made no job.
struct ResubmitCommand: Subcommand {
  static let abstract = """
    Says that a submit whose answer never came made no job. STEP is its number in cvlua show RUN. The run looks \
    once more when it is resumed, and then submits again.
    """

  @Argument(help: RunName.help)
  var name: String
  @Argument(help: "The step's number in cvlua show RUN.")
  var step: Int

  @OptionGroup var journal: JournalOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let (run, _) = try await OpenStep.change(try journal.open(), name, step) { step in
      guard let last = step.attempt else { return [] }
      // What it made after all would carry the token of the last one, which stays on record.
      let token = last.token.dropLast("\(last.number)".count) + "\(last.number + 1)"
      return [
        .sendAgain(
          step: step.key,
          Attempt(number: last.number + 1, token: String(token), sendBefore: last.sendBefore))
      ]
    }
    print("it will be submitted again by cvlua resume \(run)")
    return 0
  }
}

/// A step that waits for somebody's word.
enum OpenStep {
  /// - Returns: the step as it was.
  static func change(
    _ store: SQLiteJournal, _ name: String, _ number: Int, _ changes: (StepRecord) -> [Change]
  ) async throws(UsageError) -> (RunID, StepRecord) {
    let run = try await RunName.find(name, store)
    let history = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.history(of: run)
    }
    guard history.steps.indices.contains(number - 1) else {
      throw UsageError(
        "run \(history.run.id) has no step \(number); cvlua show \(history.run.id) lists the \(history.steps.count) there are"
      )
    }
    let step = history.steps[number - 1]
    guard step.kind == .submit, [.intent, .ambiguous, .needsOperator].contains(step.state) else {
      throw UsageError(
        "step \(number) of run \(history.run.id) is \(step.state.rawValue): nothing about it is open")
    }
    let wanted = changes(step)
    return try await UsageError.wrapping { () async throws(JournalError) in
      let claim = try await store.claim(history.run.id)
      defer { claim.release() }
      try await store.write(wanted + history.run.standing(SystemClock().now), by: claim)
      await store.close()
      return (history.run.id, step)
    }
  }
}
