import Glibc

/// Where things are.
enum Place {
  /// The folder of these tests.
  static let tests = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
  /// The package.
  static let package = "\(tests)/../.."

  /// The binary lies beside the tests' own.
  static let binaries: String = {
    let path = File.realPath("/proc/self/exe") ?? ""
    let besideTests = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    return access("\(besideTests)/cvlua", X_OK) == 0 ? besideTests : "\(package)/.build/debug"
  }()

  static let cvlua = "\(binaries)/cvlua"

  static let environment = [
    "PATH": "\(binaries):/usr/local/bin:/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "TERM": "xterm-256color",
  ]
}

/// A folder that is gone with the test. `scripts` in it leads to the project's.
final class Folder {
  let path: String

  init() throws {
    var template = Array("/tmp/cvlua-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw File.Missing(path: "a new folder in /tmp") }
    path = String(cString: made)
    symlink("\(Place.package)/scripts", "\(path)/scripts")
  }

  deinit {
    let shell = "rm -rf -- '\(path)'"
    system(shell)
  }

  func write(_ name: String, _ text: String) throws {
    try File.write("\(path)/\(name)", text)
  }
}

enum File {
  struct Missing: Error {
    let path: String
  }

  static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw Missing(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ path: String, _ text: String) throws {
    guard let file = fopen(path, "w") else { throw Missing(path: path) }
    fputs(text, file)
    fclose(file)
  }

  /// The files of a folder whose names end so, without the ending; sorted.
  static func names(in path: String, ending: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(ending) { names.append(String(name.dropLast(ending.count))) }
    }
    return names.sorted()
  }

  static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
