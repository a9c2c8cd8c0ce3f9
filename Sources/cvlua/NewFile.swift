internal import Glibc
import Terminal

/// A file that a command is to write, and never over what somebody else wrote there.
struct NewFile {
  enum Place {
    /// There is none yet, or one of these contents.
    case free
    /// Somebody's own.
    case taken
  }

  let path: String
  let text: String

  /// - Parameter mark: what a file that may be written anew begins with.
  func place(replacing mark: String? = nil) -> Place {
    guard case .success(let bytes) = FileContents.read(path), bytes != Array(text.utf8) else { return .free }
    if let mark, bytes.starts(with: mark.utf8) { return .free }
    return .taken
  }

  func write() throws(UsageError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw UsageError("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw UsageError("\(path): \(String(cString: strerror(errno)))")
    }
  }
}
