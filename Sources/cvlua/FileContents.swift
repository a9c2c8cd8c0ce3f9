internal import Glibc

/// Reading of whole files, with errors that name the file.
enum FileContents {
  struct Failure: Error {
    let message: String
  }

  static func read(_ path: String) -> Result<[UInt8], Failure> {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    let name = path.isEmpty ? "\"\"" : path
    guard file >= 0 else { return .failure(Failure(message: "\(name): \(String(cString: strerror(errno)))")) }
    defer { close(file) }
    return read(file, name: path)
  }

  /// The same for a file that is one, and not larger than that: what a script names may be anything.
  static func readRegular(_ path: String, name: String, atMost most: Int) -> Result<[UInt8], Failure> {
    func failure(_ text: String) -> Result<[UInt8], Failure> { .failure(Failure(message: "\(name)\(text)")) }
    // Not blocking: opening a pipe waits for its other end.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return failure(": \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return failure(" is no file") }
    guard status.st_size <= most else { return failure(" is larger than \(most >> 10) kB") }
    return read(file, name: name)
  }

  /// Why there is no folder of that path; nil where there is.
  static func problem(withFolder path: String) -> String? {
    var status = stat()
    let name = path.isEmpty ? "\"\"" : path
    guard stat(path, &status) == 0 else { return "\(name): \(String(cString: strerror(errno)))" }
    return status.st_mode & S_IFMT == S_IFDIR ? nil : "\(name) is no folder"
  }

  static func readStandardInput() -> Result<[UInt8], Failure> { read(STDIN_FILENO, name: "standard input") }

  private static func read(_ file: Int32, name: String) -> Result<[UInt8], Failure> {
    var bytes: [UInt8] = []
    let size = 1 << 16
    while true {
      let count = bytes.count
      let got = withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer in
        let got = Glibc.read(file, buffer.baseAddress, size)
        if got > 0 { bytes.append(contentsOf: buffer[..<got]) }
        return got
      }
      if got == 0 { return .success(bytes) }
      if got < 0 {
        if errno == EINTR { continue }
        if errno == EBADF { return .failure(Failure(message: "\(name) is closed")) }
        return .failure(Failure(message: "\(name): \(String(cString: strerror(errno)))"))
      }
      if count > 1 << 30 { return .failure(Failure(message: "\(name): larger than a gigabyte")) }
    }
  }
}
