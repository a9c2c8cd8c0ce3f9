internal import Glibc
import Terminal

/// What was typed at the prompt, kept in a file that nobody else can read. Chunks that may hold a secret are not.
struct History {
  /// More lines are not brought back.
  private static let most = 2000
  private let path: String?
  private(set) var warning: String?

  /// - Parameter path: nil keeps nothing.
  init(_ path: String?) { self.path = path }

  /// What was kept, the oldest first.
  mutating func load() -> [String] {
    guard let path else { return [] }
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno != ENOENT { warn(path, "read") }
      return []
    }
    defer { close(file) }
    // Its end is what counts.
    let size = lseek(file, 0, SEEK_END)
    let start = max(0, size - 512 << 10)
    var bytes = [UInt8](repeating: 0, count: max(0, size - start))
    guard pread(file, &bytes, bytes.count, start) == bytes.count else { return [] }
    var lines = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    if start > 0 { lines = Array(lines.dropFirst()) }
    return lines.suffix(Self.most).map(Self.decoded)
  }

  /// Keeps the lines of a chunk; where that fails it is told once.
  mutating func keep(_ lines: [String]) {
    guard let path, warning == nil, HistoryFilter.keeps(lines.joined(separator: "\n")) else { return }
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return warn(path, "written") }
    defer { close(file) }
    // Another program may have made it for all to read.
    fchmod(file, 0o600)
    let bytes = Array(lines.map { Self.encoded($0) + "\n" }.joined().utf8)
    if write(file, bytes, bytes.count) != bytes.count { warn(path, "written") }
  }

  private mutating func warn(_ path: String, _ what: String) {
    guard warning == nil else { return }
    warning = "the history cannot be \(what): \(path): \(String(cString: strerror(errno)))"
  }

  static func encoded(_ line: String) -> String {
    String(line.flatMap { $0 == "\\" ? "\\\\" : $0 == "\n" ? "\\n" : String($0) })
  }

  static func decoded(_ line: String) -> String {
    var text = ""
    var isEscaped = false
    for character in line {
      if isEscaped {
        text.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        text.append(character)
      }
    }
    return text
  }
}
