/// Why a store did not do what it was asked to. The description is one sentence for people, without a full stop.
public enum JournalError: Error, Hashable, Sendable {
  // The file.
  case noStateDirectory
  case unusable(file: String, reason: String)
  case noFolder(file: String, folder: String)
  case notAJournal(file: String)
  case newer(file: String, version: Int, known: Int)
  case corrupt(file: String, detail: String)
  case onNetwork(file: String, kind: String)
  case readOnly(file: String)
  case full(file: String)
  case inputOutput(file: String, detail: String)
  case vanished(file: String)
  case busy(file: String)
  case closed

  // What it holds.
  case noSuchRun(RunID)
  case runExists(RunID)
  case runIsAlive(run: RunID, holder: String)
  case scriptIsAlive(script: String, holder: String)
  case runHasEnded(run: RunID, state: RunState)
  case staleClaim(run: RunID, epoch: Int, now: Int)
  case noSuchStep(run: RunID, step: String)
  case stepExists(run: RunID, step: String)
  case stepIsDone(run: RunID, step: String)
  case jobIsTaken(JobRecord)
  case permitTooHeavy(PoolShare)
  case sourceDiffers(run: RunID, name: String)

  /// Something that SQLite says and that no other case is for.
  case other(file: String, detail: String)

  /// Whether the disk, and not the request, is at fault, so that the same may succeed later. Perhaps it was
  /// written even so: whoever cannot know looks at a resume.
  public var isOfTheDisk: Bool {
    switch self {
    case .readOnly, .full, .inputOutput, .vanished, .busy, .unusable: true
    default: false
    }
  }
}

extension JournalError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noStateDirectory:
      "there is no place for the journal: set HOME, XDG_STATE_HOME or STATE_DIRECTORY, or name a file with --journal"
    case .unusable(let file, let reason):
      "the journal \(file) cannot be used: \(reason); make it accessible, or name another with --journal"
    case .noFolder(let file, let folder):
      "the journal \(file) cannot be made: its folder \(folder) is not there; mount its volume, or make the folder (mkdir -p \(folder))"
    case .notAJournal(let file):
      "\(file) is no journal of cvlua and was left as it is; name another file with --journal"
    case .newer(let file, let version, let known):
      """
      the journal \(file) was written by a newer cvlua (version \(version) of the format, this one knows \(known)) \
      and was left as it is; run the newer cvlua, or name another file with --journal
      """
    case .corrupt(let file, let detail):
      """
      the journal \(file) is damaged (\(detail)); restore it from a backup, or move it away, with its -wal file, \
      after looking up in the Command Center what its runs were doing
      """
    case .onNetwork(let file, let kind):
      "the journal \(file) lies on a network file system (\(kind)), where two hosts could damage it; name a local file with --journal"
    case .readOnly(let file):
      "the journal \(file) cannot be written: it or its directory is read-only; make it writable, or name another with --journal"
    case .full(let file):
      "the journal \(file) cannot be written: the disk is full; free some space and resume the run"
    case .inputOutput(let file, let detail):
      "the journal \(file) cannot be written or read: \(detail); look after the disk and resume the run"
    case .vanished(let file):
      "the journal \(file) was deleted or its volume unmounted while in use; bring it back and resume the run"
    case .busy(let file):
      "the journal \(file) has been locked by another process for too long; see which programs have it open"
    case .closed: "the journal is closed"
    case .noSuchRun(let run): "there is no run \(run); cvlua runs lists those there are"
    case .runExists(let run): "there is a run \(run) already"
    case .runIsAlive(let run, let holder): "run \(run) is being run by \(holder)"
    case .scriptIsAlive(let script, let holder): "\(script) is being run by \(holder)"
    case .runHasEnded(let run, .abandoned): "run \(run) was closed, so it cannot be taken up again"
    case .runHasEnded(let run, let state):
      "run \(run) has ended (\(state.rawValue)), so it cannot be taken up again"
    case .staleClaim(let run, let epoch, let now):
      "run \(run) was taken over by another process (claim \(now), ours was \(epoch)), so this one must stop"
    case .noSuchStep(let run, let step): "run \(run) has no step \(step)"
    case .stepExists(let run, let step): "run \(run) has a step \(step) already"
    case .stepIsDone(let run, let step): "step \(step) of run \(run) is done already"
    case .jobIsTaken(let record):
      "\(record.job) belongs to step \(record.step) of run \(record.run) already"
    case .permitTooHeavy(let share):
      "a weight of \(share.weight) never fits into pool \(share.pool), whose max is \(share.max)"
    case .sourceDiffers(let run, let name): "run \(run) used another text of \(name) before"
    case .other(let file, let detail): "the journal \(file) cannot be used: \(detail)"
    }
  }
}
