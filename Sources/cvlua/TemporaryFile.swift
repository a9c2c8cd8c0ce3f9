internal import Glibc

/// A file in a temporary folder of its own, which only its user can look into.
struct TemporaryFile: Sendable {
  let path: String
  private let folder: String

  /// - Returns: nil where it cannot be written.
  init?(_ name: String, _ contents: [UInt8]) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/cvlua-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = folder + "/" + name
    guard let file = fopen(path, "wxe") else {
      rmdir(folder)
      return nil
    }
    let count = fwrite(contents, 1, contents.count, file)
    guard fclose(file) == 0, count == contents.count else {
      remove()
      return nil
    }
  }

  func remove() {
    unlink(path)
    rmdir(folder)
  }
}
