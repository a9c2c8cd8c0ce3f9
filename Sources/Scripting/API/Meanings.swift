import CommandCenterAPI
import Workflow

// What each value that scripts write or read means, in a phrase.

extension Outcome {
  var meaning: String {
    switch self {
    case .completed: "all is well"
    case .warnings: "completed, with something worth reading"
    case .skipped: "the script or the window left it out"
    case .errors: "completed, but not everything is in the backup"
    case .committed: "ended early by someone who kept what had been copied"
    case .failed: "the job failed"
    case .failedToStart: "the job ended before it began"
    case .killed: "someone, or a time limit, killed the job"
    case .busy: "another backup of the target runs"
    case .rejected: "the server said no"
    case .unreachable: "nothing got through to the server, so there is no job"
    case .gaveUp: "a time limit of ours was reached; the job runs on"
    case .ambiguous: "nobody knows whether there is a job, or it backs up something else"
    case .error: "a branch of the script raised"
    }
  }
}

extension WhenBusy {
  var meaning: String {
    switch self {
    case .attach: "waits for that one in place of one of our own"
    case .wait: "submits when it has ended"
    case .fail: "is the outcome busy"
    }
  }
}

extension TimeLimits.Action {
  var meaning: String {
    switch self {
    case .giveUp: "nobody waits any longer; the job runs on"
    case .suspend: "the job is suspended"
    case .kill: "the job is killed"
    }
  }
}

extension TimeLimits.Kind {
  var meaning: String {
    switch self {
    case .start: "from its submit until each job has begun to run"
    case .finish: "from its submit until all jobs have ended"
    case .total: "from the call until all jobs have ended, waiting for its turn included"
    case .progress: "without any change of phase, per cent, bytes or files"
    }
  }
}

extension Window.StillQueued {
  var meaning: String {
    switch self {
    case .leave: "they are left"
    case .kill: "they are killed"
    }
  }
}

extension Letter.Form {
  var meaning: String {
    switch self {
    case .webhook: "a JSON object with all there is"
    case .slack: "its text, as incoming webhooks of Slack take it"
    case .teams: "its text on a card, as webhooks of Teams' workflows take it"
    case .pagerduty: "an event of PagerDuty; the secret is a routing key, or URL, blank and key"
    case .email: "a mail by the host's sendmail"
    }
  }
}

extension AttentionReason.Kind {
  var meaning: String {
    switch self {
    case .ambiguous: "it is not known what became of a submit"
    case .gaveUp: "a time limit was reached; nobody waits for a job that runs on"
    case .branch: "a branch of the script raised"
    case .script: "the script raised"
    case .stopped: "the run stopped itself, as going on could have lost or doubled a backup"
    case .wrongTarget: "a job backs up something else than was asked for"
    case .window: "the window was over before it could be submitted"
    case .targets: "there were fewer targets than run.expect says"
    case .closedRun: "an earlier run that did not come to its end was closed"
    case .waitingRun: "an earlier run of the script, with other arguments, waits to be taken up"
    case .takenUp: "this run's process died, and another took it up"
    case .maxSubmits: "--max-submits was reached"
    case .alarm: "the script called for one, by run.alarm"
    }
  }
}

extension Field.WireType {
  var meaning: String {
    switch self {
    case .integer: "a whole number, or one of the field's names"
    case .string: "a text"
    case .boolean: "true or false"
    case .object: "a table, sent as it is given"
    case .json: "any value, sent as it is given"
    }
  }
}
