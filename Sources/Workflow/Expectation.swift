/// What a run is expected to reach at least: `run.expect{ … }`.
public struct Expectation: Hashable, Sendable {
  /// So many targets, good or not.
  public var targets: Int

  public init(targets: Int) { self.targets = targets }
}
