import Glibc

/// A process of `journal-child`, which has the journal open as another cvlua would.
final class Child {
  private let pid: pid_t
  private let input: Int32
  private let output: UnsafeMutablePointer<FILE>

  init(_ arguments: String...) {
    var source: [Int32] = [0, 0]
    var sink: [Int32] = [0, 0]
    // Sockets, since pipes cannot be made and kept from the children of other tests in one step.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    socketpair(AF_UNIX, kind, 0, &source)
    socketpair(AF_UNIX, kind, 0, &sink)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, source[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, sink[1], STDOUT_FILENO)
    var argv = ([Self.program] + arguments).map { strdup($0) } + [nil]
    var child = pid_t()
    let failure = posix_spawn(&child, Self.program, &actions, nil, &argv, environ)
    precondition(failure == 0, "\(Self.program) does not start")
    for text in argv { free(text) }
    posix_spawn_file_actions_destroy(&actions)
    close(source[0])
    close(sink[1])
    pid = child
    input = source[1]
    output = fdopen(sink[0], "r")
  }

  /// The next line that it says; nil once it has ended.
  func line() -> String? {
    var text = [CChar](repeating: 0, count: 4096)
    guard fgets(&text, Int32(text.count), output) != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// All that it still says.
  func rest() -> [String] {
    var lines: [String] = []
    while let line = line() { lines.append(line) }
    return lines
  }

  /// Ends it as a power cut would.
  func kill() {
    Glibc.kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  /// Closes its input and waits for it.
  func end() {
    close(input)
    waitpid(pid, nil, 0)
  }

  deinit { fclose(output) }

  /// Beside the tests' own binary.
  private static let program: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count)
    let own = String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let beside = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/journal-child"
    let package = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    return access(beside, X_OK) == 0 ? beside : package + "/.build/debug/journal-child"
  }()
}
