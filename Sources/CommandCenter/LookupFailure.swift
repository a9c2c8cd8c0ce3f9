public import CommandCenterAPI

/// Why the ids of a target are not known.
public enum LookupFailure: Error, Hashable, Sendable {
  /// The names do not lead to one thing: a mistake of whoever gave them.
  case mistake(Mistake)
  /// The Command Center could not be asked, or refused to answer.
  case failed(CommandCenterError)
}
