internal import Glibc
import Simulator

/// The first bytes of a file, by which a SQLite database says whose it is (sqlite.org/fileformat2.html, 1.3).
/// They are read without SQLite, so that a file of somebody else's is not even opened by it.
struct StateFileHeader {
  private static let length = 100
  private static let magic = Array("SQLite format 3\0".utf8)

  private let bytes: [UInt8]

  /// Whether there is no file yet, or nothing in it.
  var isEmpty: Bool { bytes.isEmpty }

  init(_ path: String) throws(StateError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 && errno == ENOENT {
      bytes = []
      return
    }
    guard descriptor >= 0 else { throw Self.unreadable(path) }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: Self.length)
    let count = read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw Self.unreadable(path) }
    bytes = Array(buffer[..<count])
  }

  func check(_ path: String, applicationId: Int32, version: Int32) throws(StateError) {
    if isEmpty { return }
    guard bytes.count == Self.length, bytes.starts(with: Self.magic), number(at: 68) == applicationId else {
      throw StateError("\(path) holds something else than the state of a simulator, and was left as it is")
    }
    guard number(at: 60) <= version else {
      throw StateError("\(path) is from a newer cvlua: use that one, or another file")
    }
  }

  private func number(at index: Int) -> Int32 {
    bytes[index..<(index + 4)].reduce(0) { $0 << 8 | Int32(bitPattern: UInt32($1)) }
  }

  private static func unreadable(_ path: String) -> StateError {
    StateError("\(path) cannot be read: \(String(cString: strerror(errno)))")
  }
}
