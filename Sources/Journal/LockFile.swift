internal import Glibc

/// A file whose lock means something; its text says who holds it.
enum LockFile {
  // <fcntl.h>, open(2) "Open file description locks": the importer does not see these three.
  private static let query: Int32 = 36
  private static let set: Int32 = 37
  private static let setAndWait: Int32 = 38

  /// - Returns: nil where somebody has it.
  static func take(
    _ path: String, in directory: String, holder: String, for journal: String
  ) throws(JournalError) -> HeldLock? {
    try StateDirectory.make(directory, for: journal)
    while true {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else { throw JournalError(errno: errno, path, file: journal) }
      var lock = wholeFile
      guard fcntl(file, set, &lock) == 0 else {
        let code = errno
        close(file)
        if code == EAGAIN || code == EACCES { return nil }
        throw JournalError(errno: code, path, file: journal)
      }
      // Whoever had it before took the file away when letting go; then this lock is on a file without a name.
      guard isStill(file, path) else {
        close(file)
        continue
      }
      // Only for people: where the disk is full, they read "another process".
      _ = ftruncate(file, 0)
      _ = pwrite(file, holder, holder.utf8.count, 0)
      return HeldLock {
        unlink(path)
        close(file)
      }
    }
  }

  /// Takes a lock, waiting for it as long as it takes: for work that is short.
  static func wait(_ path: String, in directory: String, for journal: String) throws(JournalError) -> HeldLock
  {
    try StateDirectory.make(directory, for: journal)
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw JournalError(errno: errno, path, file: journal) }
    var lock = wholeFile
    while fcntl(file, setAndWait, &lock) != 0 {
      if errno == EINTR { continue }
      let code = errno
      close(file)
      throw JournalError(errno: code, path, file: journal)
    }
    return HeldLock { close(file) }
  }

  static func isHeld(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    // A file that cannot be read may well be held; only one that is not there surely is not.
    guard file >= 0 else { return errno != ENOENT }
    defer { close(file) }
    var lock = wholeFile
    guard fcntl(file, query, &lock) == 0 else { return true }
    return lock.l_type != Int16(F_UNLCK)
  }

  static func holder(of path: String) -> String? {
    let text = SmallFile.text(path)
    return text.isEmpty ? nil : text
  }

  private static var wholeFile: flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  private static func isStill(_ file: Int32, _ path: String) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(file, &opened) == 0 && stat(path, &named) == 0
      && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }
}
