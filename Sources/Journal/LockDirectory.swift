internal import Glibc
internal import Synchronization

/// Locks by name, each held by at most one process, and let go by the kernel when that process dies,
/// however it does.
///
/// They are open-file-description locks, since those can be asked for without being taken: looking whether
/// a process lives must not make another one believe it does.
enum LockDirectory: Sendable {
  /// One file for each lock, in the directory of this path.
  case files(String)
  /// For a store that no other process sees.
  case memory(LockSet)

  /// - Parameters:
  ///   - holder: who takes it, for those who are refused.
  ///   - file: the journal that it is for.
  /// - Returns: nil where somebody has it.
  func take(_ name: String, holder: String, for file: String) throws(JournalError) -> HeldLock? {
    switch self {
    case .memory(let set): set.take(name, holder: holder)
    case .files(let directory):
      try LockFile.take(directory + "/" + name, in: directory, holder: holder, for: file)
    }
  }

  /// Whether somebody has the lock. Does not disturb whoever takes it at this moment.
  func isHeld(_ name: String) -> Bool {
    switch self {
    case .memory(let set): set.holder(of: name) != nil
    case .files(let directory): LockFile.isHeld(directory + "/" + name)
    }
  }

  /// Who has the lock, as far as can be known.
  func holder(of name: String) -> String {
    let holder =
      switch self {
      case .memory(let set): set.holder(of: name)
      case .files(let directory): LockFile.holder(of: directory + "/" + name)
      }
    return holder ?? "another process"
  }
}

/// A lock of this process, until it is released or the object goes away.
final class HeldLock: Sendable {
  private let letGo: Mutex<(@Sendable () -> Void)?>

  init(letGo: @escaping @Sendable () -> Void) { self.letGo = Mutex(letGo) }

  func release() {
    let letGo = letGo.withLock { letGo in
      defer { letGo = nil }
      return letGo
    }
    letGo?()
  }

  deinit { release() }
}

/// The locks of a store in memory.
final class LockSet: Sendable {
  private let holders = Mutex<[String: String]>([:])

  func take(_ name: String, holder: String) -> HeldLock? {
    let isMine = holders.withLock { holders in
      guard holders[name] == nil else { return false }
      holders[name] = holder
      return true
    }
    guard isMine else { return nil }
    return HeldLock { self.holders.withLock { $0[name] = nil } }
  }

  func holder(of name: String) -> String? { holders.withLock { $0[name] } }
}
