/// A limit on how much runs at once: at most `max` of the named pool, whatever run, process or script it is.
///
/// What a submit takes of it belongs to the submit's jobs: it is free again when these are seen to have ended.
public struct Pool: Hashable, Sendable {
  public var name: String
  /// How much there is of it. Where scripts disagree, the least that anybody who is in it was promised.
  public var max: Int
  /// How much of it one submit takes; at most `max`.
  public var weight: Int
  /// Whether jobs that others started on the same clients take of it too, each 1.
  public var countsOthers: Bool

  public init(name: String, max: Int, weight: Int = 1, countsOthers: Bool = false) {
    self.name = name
    self.max = max
    self.weight = weight
    self.countsOthers = countsOthers
  }
}
