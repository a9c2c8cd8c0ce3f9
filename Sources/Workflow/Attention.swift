internal import CommandCenterAPI

/// Something about a run that needs a human.
public struct AttentionReason: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// It is not known what became of a submit.
    case ambiguous
    /// A time-out of ours: nobody waits any longer for a job that runs on.
    case gaveUp = "gave_up"
    /// A branch of the script raised.
    case branch
    /// The script raised.
    case script
    /// The run stopped itself: going on could have lost or doubled a backup.
    case stopped
    /// A job backs up something else than was asked for.
    case wrongTarget = "wrong_target"
    /// The window was over before it could be submitted.
    case window
    /// Fewer targets than `run.expect` says.
    case targets
    /// An earlier run of the script, which did not come to its end, was closed.
    case closedRun = "closed_run"
    /// An earlier run of the script, with other arguments, did not come to its end and waits to be taken up.
    case waitingRun = "waiting_run"
    /// This run's process died, and another took it up by itself.
    case takenUp = "taken_up"
    /// `--max-submits` was reached.
    case maxSubmits = "max_submits"
    /// The script calls for a human.
    case alarm
  }

  public var kind: Kind
  /// `rds aws-prod/eu-west-1/crm`; nil where it is about none in particular.
  public var target: String?
  /// One sentence, without the target.
  public var message: String
  /// The jobs that nobody waits for any more, with their Command Center's name in the script: where a later attempt ends
  /// well with all of them, nobody is needed. None where that changes nothing.
  var openJobs: Set<String> = []

  public init(_ kind: Kind, target: String? = nil, _ message: String) {
    self.kind = kind
    self.target = target
    self.message = message
  }

  /// One line: `rds aws-prod/eu-west-1/crm: last_start 05:00 has passed`.
  public var text: String { (target.map { "\($0): " } ?? "") + message }
}

/// What needs a human about a run, when it ends: what `run.on_attention` gets.
public struct Attention: Sendable {
  public var reasons: [AttentionReason]
  /// The run's name.
  public var run: String
  public var night: Night
  public var conclusion: Conclusion

  public init(_ reasons: [AttentionReason], run: String, night: Night, conclusion: Conclusion) {
    self.reasons = reasons
    self.run = run
    self.night = night
    self.conclusion = conclusion
  }

  /// All of it for people: a line that says what the run came to, and one for each reason.
  public var text: String {
    let head =
      "\(run), night of \(night.weekday) \(night.date): exit \(conclusion.exitCode), \(conclusion.sentence)"
    return ([head] + reasons.map(\.text)).joined(separator: "\n")
  }
}

extension AttentionReason {
  /// What an attempt's end gives reason to; nil where it gives none.
  init?(_ attempt: Attempt) {
    switch attempt.outcome {
    case .ambiguous:
      self.init(
        attempt.isOfAnotherTarget ? .wrongTarget : .ambiguous, target: attempt.name,
        attempt.reason ?? "it is not known what became of its submit")
    case .gaveUp:
      self.init(.gaveUp, target: attempt.name, attempt.reason ?? "nobody waits for its job any longer")
      openJobs = attempt.namedJobs
    default: return nil
    }
  }
}

extension AttentionReason {
  /// What the end of a submit that is on record gives reason to: it is skipped only where the window was over.
  init?(restored attempt: Attempt) {
    if attempt.outcome == .skipped {
      self.init(.window, target: attempt.name, "not submitted: \(attempt.reason ?? "the window was over")")
    } else {
      self.init(attempt)
    }
  }
}

extension Attempt {
  /// `rds aws-prod/eu-west-1/crm`, with the Command Center's name where it is not the run's own.
  static func name(commcell: String, workload: String, target: String) -> String {
    let name = workload.isEmpty ? target : "\(workload) \(target)"
    return commcell == "default" ? name : "\(commcell): \(name)"
  }

  /// Its jobs, as no other Command Center's are called.
  var namedJobs: Set<String> { Set(jobIds.map { "\(commcell)/\($0)" }) }

  /// What messages call it.
  public var name: String { Self.name(commcell: commcell, workload: workload, target: target) }
}
