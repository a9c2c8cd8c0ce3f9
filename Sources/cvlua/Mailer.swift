internal import Glibc
import Workflow

/// Hands mail to the host's sendmail, which keeps it and takes it further: what it has taken counts as told.
struct Mailer: Sendable {
  /// Its path.
  let program: String

  /// So long it may take; it only writes the mail down.
  private static let seconds = 10

  /// Blocks until sendmail has taken the mail, or has failed.
  ///
  /// - Parameter to: addresses, checked.
  func send(_ mail: Mail, to: String) throws(Undelivered) {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = name.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    // A file without a name, not a pipe: whoever does not read it blocks nobody.
    var path = Array("/tmp/cvlua-mail-XXXXXX".utf8CString)
    let text = mkstemp(&path)
    if text >= 0 {
      unlink(path)
      _ = fcntl(text, F_SETFD, FD_CLOEXEC)
    }
    guard text >= 0 else {
      throw Undelivered("the mail could not be made: \(String(cString: strerror(errno)))")
    }
    defer { close(text) }
    let bytes = mail.message(to: to, host: host.isEmpty ? "localhost" : host)
    guard bytes.withUnsafeBytes({ write(text, $0.baseAddress, $0.count) }) == bytes.count,
      lseek(text, 0, SEEK_SET) == 0
    else { throw Undelivered("the mail could not be made: \(String(cString: strerror(errno)))") }
    try wait(for: try start(text))
  }

  /// -t: the addresses are those of the mail. -i: a line with a dot does not end it.
  private func start(_ text: Int32) throws(Undelivered) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, text, STDIN_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: a Ctrl-C at the terminal is not for it, and with it ends what it has started.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-t"), strdup("-i"), nil]
    // Secrets of ours may stand in our environment.
    var variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
    // The child has copies of its own.
    defer { for pointer in arguments + variables { free(pointer) } }
    var child = pid_t()
    let status = posix_spawn(&child, program, &actions, &attributes, &arguments, &variables)
    guard status == 0 else {
      throw Undelivered("\(program) cannot be run: \(String(cString: strerror(status)))")
    }
    return child
  }

  private func wait(for child: pid_t) throws(Undelivered) {
    var status: Int32 = 0
    for _ in 0..<(Self.seconds * 50) {
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child {
        guard status != 0 else { return }
        let code = status & 0x7f == 0 ? "code \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
        throw Undelivered("\(program) did not take the mail: it ended with \(code)")
      }
      if ended < 0, errno != EINTR { throw Undelivered("\(program) cannot be waited for") }
      usleep(20_000)
    }
    kill(-child, SIGKILL)
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    throw Undelivered("\(program) did not take the mail within \(Self.seconds) s")
  }
}
