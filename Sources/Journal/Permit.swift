public import Clock

/// A share of a pool.
public struct PoolShare: Hashable, Sendable {
  public var pool: String
  /// How much of the pool one permit takes.
  public var weight: Int
  /// How much the pool has. Where runs disagree, the least that anybody who is in it was promised.
  public var max: Int
  /// What others than runs of this store hold of it at present.
  public var outside: Int

  public init(pool: String, weight: Int = 1, max: Int, outside: Int = 0) {
    self.pool = pool
    self.weight = weight
    self.max = max
    self.outside = outside
  }
}

/// What a submit needs before it is sent: all of the shares or none.
public struct PermitRequest: Hashable, Sendable {
  /// The key of the step that the permits are for.
  public var step: String
  public var shares: [PoolShare]
  public var at: Moment

  public init(step: String, shares: [PoolShare], at: Moment) {
    self.step = step
    self.shares = shares
    self.at = at
  }
}

/// What came of a request.
public enum PermitAnswer: Hashable, Sendable {
  case granted
  /// The request keeps its place. Ask again when ``JournalStore/write(_:by:)`` freed the pool, when a request
  /// ahead of it was granted, and after a while, since other processes free pools too.
  case waiting(PermitWait)
}

/// Why a request waits: the first pool that has no room for it.
public struct PermitWait: Hashable, Sendable {
  public var pool: String
  public var inUse: Int
  public var max: Int
  /// How many requests came before, and still wait.
  public var ahead: Int

  public init(pool: String, inUse: Int, max: Int, ahead: Int) {
    self.pool = pool
    self.inUse = inUse
    self.max = max
    self.ahead = ahead
  }
}

/// A permit, or the wait for one, as the store has it.
public struct PermitRecord: Hashable, Sendable {
  public var share: PoolShare
  public var run: RunID
  public var step: String
  public var requestedAt: Moment
  /// nil while it waits.
  public var grantedAt: Moment?
  /// Jobs of the step that have not been seen to end: whoever waits may look after them.
  public var jobs: [Job]
}
