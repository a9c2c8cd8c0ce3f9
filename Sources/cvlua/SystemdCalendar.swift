internal import Glibc

/// What `OnCalendar=` takes, as systemd itself reads it.
enum SystemdCalendar {
  private static let program = "/usr/bin/systemd-analyze"

  /// Why a timer with that calendar would never fire; nil where it would, or where there is no systemd to ask.
  static func mistake(_ calendar: String) -> String? {
    guard access(program, X_OK) == 0, let (code, text) = ask(calendar) else { return nil }
    if code != 0 {
      return
        "--calendar \"\(calendar)\" is no time that systemd knows, such as \"*-*-* 22:00:00\" or \"Mon..Fri 22:30 Europe/Berlin\""
    }
    return text.contains("Next elapse: never") ? "--calendar \"\(calendar)\" never comes again" : nil
  }

  /// What `systemd-analyze calendar` says, and its exit code; nil where it cannot be run.
  private static func ask(_ calendar: String) -> (code: Int32, text: String)? {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let words = [program, "calendar", "--", calendar]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    // The child has copies of its own.
    defer { for pointer in arguments { free(pointer) } }
    // Its words are looked for, so they are to be its own, not those of a language.
    var variables: [UnsafeMutablePointer<CChar>?] = [strdup("LC_ALL=C"), nil]
    defer { for pointer in variables { free(pointer) } }
    var child = pid_t()
    let status = posix_spawn(&child, program, &actions, nil, &arguments, &variables)
    close(ends[1])
    guard status == 0 else { return nil }
    let text = withUnsafeTemporaryAllocation(byteCount: 1 << 12, alignment: 1) { buffer -> String in
      var text = ""
      while case let count = read(ends[0], buffer.baseAddress, buffer.count), count > 0 {
        text += String(decoding: buffer[..<count], as: UTF8.self)
      }
      return text
    }
    var result: Int32 = 0
    while waitpid(child, &result, 0) < 0, errno == EINTR {}
    return (result, text)
  }
}
