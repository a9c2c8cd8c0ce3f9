internal import Glibc

/// Where the journal is kept unless told otherwise.
public enum StateDirectory {
  /// `$STATE_DIRECTORY` (of systemd; the first of a list with colons), else `$XDG_STATE_HOME/cvlua`, else
  /// `~/.local/state/cvlua`. Nothing is made.
  ///
  /// - Parameter environment: looks a variable up. One that is empty counts as not set, and
  ///   `XDG_STATE_HOME` counts only where it is absolute, as the XDG Base Directory Specification has it.
  /// - Throws: ``JournalError/noStateDirectory``.
  public static func path(environment: (String) -> String?) throws(JournalError) -> String {
    if let list = environment("STATE_DIRECTORY"), let first = list.split(separator: ":").first {
      return String(first)
    }
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/cvlua" }
    // A home that is not there (/nonexistent, of users without one) is not made.
    if let home = environment("HOME"), access(home, X_OK) == 0 { return home + "/.local/state/cvlua" }
    throw .noStateDirectory
  }

  /// Makes a directory and those above it, for the user alone (0700). One that exists keeps its mode.
  public static func make(_ path: String, for file: String) throws(JournalError) {
    var information = stat()
    if stat(path, &information) == 0 || mkdir(path, 0o700) == 0 { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try make(String(path[..<slash]), for: file)
      if mkdir(path, 0o700) == 0 { return }
    }
    if errno == EEXIST { return }
    throw JournalError(errno: errno, "its directory \(path)", file: file)
  }
}

extension JournalError {
  /// - Parameter what: what the system call was about.
  init(errno code: Int32, _ what: String, file: String) {
    self =
      switch code {
      case EROFS: .readOnly(file: file)
      case ENOSPC, EDQUOT: .full(file: file)
      case EIO: .inputOutput(file: file, detail: String(cString: strerror(code)))
      default: .unusable(file: file, reason: "\(what): \(String(cString: strerror(code)))")
      }
  }
}
