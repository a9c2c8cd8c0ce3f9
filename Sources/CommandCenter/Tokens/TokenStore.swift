/// Where a pair of tokens is kept that several processes share.
///
/// Renewing a pair that has been renewed already voids all that came of it. So whoever renews holds the lock
/// from before it reads the pair until the new one is stored, and the new one is stored before it is used.
public protocol TokenStore: AnyObject, Sendable {
  /// The pair as it is now.
  func load() throws(TokenStoreError) -> TokenPair

  /// Keeps a pair in place of the old one, for good once this returns.
  func save(_ pair: TokenPair) throws(TokenStoreError)

  /// The right to renew, given back by letting go of what is returned; nil while somebody else has it.
  func tryLock() throws(TokenStoreError) -> (any TokenLock)?
}

/// The right to renew. It ends with this object, or with the process.
public protocol TokenLock: AnyObject, Sendable {}

/// Why a pair cannot be read or kept.
public struct TokenStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  public let message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}

/// A store as part of ``Credentials``; equal to another of the same store only.
public struct StoredTokens: Hashable, Sendable {
  public let store: any TokenStore

  public init(_ store: any TokenStore) { self.store = store }

  public static func == (left: StoredTokens, right: StoredTokens) -> Bool { left.store === right.store }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(store)) }
}
