import CStdlib
internal import Glibc
import LuaVM

/// Finds the modules that scripts require: in the library folders, then among those that ship with the binary.
struct ModuleFinder: Sendable {
  /// Folders, in the order in which they are searched.
  let roots: [String]

  /// - Parameters:
  ///   - libraries: of the command line; CVLUA_PATH comes after them, then those of the profile, the script's
  ///     own folder last.
  init(libraries: [String], ofProfile: [String] = [], script: String?) {
    var roots = libraries
    if let path = getenv("CVLUA_PATH") {
      roots += String(cString: path).split(separator: ":").map(String.init)
    }
    roots += ofProfile
    if let script {
      let folder = script.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
        separator: "/")
      roots.append(folder.isEmpty ? (script.hasPrefix("/") ? "/" : ".") : folder)
    }
    self.roots = roots
  }

  /// A module's name is words of letters, digits, `_` and `-` with dots between: it cannot leave a folder.
  func find(_ name: String) -> VM.ModuleSearch {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName = words.allSatisfy { word in
      !word.isEmpty
        && word.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
          default: false
          }
        }
    }
    guard isName else {
      return .notFound("\n\ta module's name is made of letters, digits, _ and -, with dots for folders")
    }
    let relative = words.joined(separator: "/")
    var tried = ""
    for root in roots {
      for path in ["\(root)/\(relative).lua", "\(root)/\(relative)/init.lua"] {
        guard let real = Self.realPath(path) else {
          tried += "\n\tno file '\(path)'"
          continue
        }
        guard let folder = Self.realPath(root), real.hasPrefix(folder == "/" ? "/" : folder + "/") else {
          tried += "\n\t'\(path)' leads out of its library"
          continue
        }
        switch FileContents.read(path) {
        case .success(let bytes): return .found(bytes, path: path)
        case .failure(let failure): tried += "\n\t\(failure.message)"
        }
      }
    }
    // Places in [cvlua…] do not count: a mistake is told with the line of the script that made it.
    if let bytes = Self.standardModule(name) { return .found(bytes, path: "[cvlua]/\(name).lua") }
    return .notFound(tried + "\n\tno module '\(name)' in the standard library")
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  private static func standardModule(_ name: String) -> [UInt8]? {
    var count = 0
    guard let modules = cv_stdlib_modules(&count) else { return nil }
    for module in UnsafeBufferPointer(start: modules, count: count) where String(cString: module.name) == name
    {
      return Array(UnsafeRawBufferPointer(start: module.text, count: module.length))
    }
    return nil
  }
}

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
