import ArgumentParser
import Clock
import Journal
import Terminal

/// `cvlua adopt RUN STEP JOB…`: somebody has found the jobs of a submit whose answer never came.
struct AdoptCommand: Subcommand {
  static let abstract = """
    Says which jobs belong to a submit whose answer never came. STEP is its number in cvlua show RUN. The run \
    waits for these jobs when it is resumed, and does not submit again.
    """

  @Argument(help: "The run's name, or last.")
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
    let run = try await OpenStep.change(try journal.open(), name, step) { step in
      [
        .submitted(
          step: step.key, task: nil, jobs: jobs.map { Job(server: step.server ?? "", id: $0) },
          note: "adopted by hand")
      ]
    }
    print("job \(jobs.joined(separator: ", ")) belongs to it now; cvlua resume \(run) goes on")
    return 0
  }
}

/// `cvlua resubmit RUN STEP`: somebody has made sure that a submit made no job.
struct ResubmitCommand: Subcommand {
  static let abstract = """
    Says that a submit whose answer never came made no job. STEP is its number in cvlua show RUN. The run looks \
    once more when it is resumed, and then submits again.
    """

  @Argument(help: "The run's name, or last.")
  var name: String
  @Argument(help: "The step's number in cvlua show RUN.")
  var step: Int

  @OptionGroup var journal: JournalOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let run = try await OpenStep.change(try journal.open(), name, step) { step in
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
  static func change(
    _ store: SQLiteJournal, _ name: String, _ number: Int, _ changes: (StepRecord) -> [Change]
  ) async throws(UsageError) -> RunID {
    let history = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.history(of: try await RunName.find(name, store))
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
      try await store.write(wanted, by: claim)
      claim.release()
      await store.close()
      return history.run.id
    }
  }
}
