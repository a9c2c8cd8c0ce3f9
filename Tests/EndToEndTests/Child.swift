import Dispatch
import Glibc
import Synchronization

/// A program that a test started: what it prints is collected all the while, so that no full pipe blocks it.
final class Child: Sendable {
  /// What a program left behind.
  struct Ending: Sendable {
    /// Standard output; both streams in one where the child was started so.
    var output = ""
    var errors = ""
    /// The exit code; 128 and the signal's number where a signal ended it.
    var code: Int32 = 0
  }

  /// A child that did not do what a test waited for, and what it had printed.
  struct Hung: Error, CustomStringConvertible {
    let what: String
    let ending: Ending

    var description: String {
      "\(what). Standard output so far:\n\(ending.output)\nStandard error so far:\n\(ending.errors)"
    }
  }

  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var code: Int32?
  }

  private let pid: pid_t
  private let command: String
  private let state = Mutex(State())

  /// Starts `path` in a process group of its own.
  ///
  /// - Parameters:
  ///   - mergesErrors: standard error goes where standard output goes, in the order in which both were written.
  ///   - input: what it reads; nil leaves the pipe open and empty until it has ended.
  init(
    _ path: String, _ arguments: [String], in directory: String, environment: [String: String],
    mergesErrors: Bool = false, input: String? = ""
  ) throws {
    command = ([path] + arguments).joined(separator: " ")
    // One at a time: a pipe must not be inherited by the child of another test.
    let (child, output, errors, source) = try Self.starting.withLock { _ in
      try Self.start(path, arguments, in: directory, environment: environment, mergesErrors: mergesErrors)
    }
    pid = child
    // It blocks, so it has a thread of its own.
    DispatchQueue(label: "child").async { [self] in attend(output, errors, source, input) }
  }

  private static let starting = Mutex(())

  private static func start(
    _ path: String, _ arguments: [String], in directory: String, environment: [String: String],
    mergesErrors: Bool
  ) throws -> (pid: pid_t, output: Int32, errors: Int32, input: Int32) {
    let (read, write) = (try pipe(), try pipe())
    let source = try pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, source.0, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, read.1, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, mergesErrors ? read.1 : write.1, STDERR_FILENO)

    // The child begins with the usual signals, whatever the test runner does with its own.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    // posix_spawn has no portable way to change the folder; env has.
    var argv = (["env", "-C", directory, path] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var child = pid_t()
    let failure = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, &argv, &envp)
    for end in [read.1, write.1, source.0] { close(end) }
    guard failure == 0 else {
      for end in [read.0, write.0, source.1] { close(end) }
      throw Hung(what: "\(path) does not start: \(String(cString: strerror(failure)))", ending: Ending())
    }
    return (child, read.0, write.0, source.1)
  }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// Waits until `text` has been printed, on whichever stream.
  func waitFor(_ text: String) async throws {
    try await wait(for: "\"\(text)\"") { state in
      [state.output, state.errors].contains { String(decoding: $0, as: UTF8.self).contains(text) }
    }
  }

  /// Waits until the child has ended; one that does not is killed with all that it started.
  func ending() async throws -> Ending {
    try await wait(for: "its end") { $0.code != nil }
    return soFar
  }

  /// - Parameter seconds: long enough for a machine under load.
  private func wait(for what: String, seconds: Int = 300, _ isThere: (borrowing State) -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !state.withLock({ isThere($0) }) {
      guard ContinuousClock.now < deadline else {
        kill(-pid, SIGKILL)
        throw Hung(what: "waited \(seconds) s for \(what) of \(command)", ending: soFar)
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// What it has printed until now.
  var soFar: Ending {
    state.withLock { state in
      Ending(
        output: String(decoding: state.output, as: UTF8.self),
        errors: String(decoding: state.errors, as: UTF8.self), code: state.code ?? 0)
    }
  }

  // MARK: on a thread of its own

  private func attend(_ output: Int32, _ errors: Int32, _ input: Int32, _ text: String?) {
    var rest = Array((text ?? "").utf8)[...]
    var isFeeding = true
    var status: Int32 = 0
    for file in [output, errors, input] { _ = fcntl(file, F_SETFL, O_NONBLOCK) }
    while true {
      let hasEnded = waitpid(pid, &status, WNOHANG) != 0
      if isFeeding, !rest.isEmpty || text != nil {
        let written = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
        if written > 0 { rest = rest.dropFirst(written) }
        if rest.isEmpty || (written < 0 && errno != EAGAIN) {
          close(input)
          isFeeding = false
        }
      }
      let isOutputOpen = take(output, isOutput: true)
      let isErrorsOpen = take(errors, isOutput: false)
      if hasEnded { break }
      var files = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      ]
      // Closed pipes would make poll return at once, all the time.
      if isOutputOpen && isErrorsOpen { poll(&files, 2, 10) } else { usleep(10_000) }
    }
    for file in [output, errors] { close(file) }
    if isFeeding { close(input) }
    let signal = status & 0x7F
    state.withLock { $0.code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal }
  }

  /// Takes what is there to read; false at the end of the stream.
  private func take(_ file: Int32, isOutput: Bool) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      while true {
        let count = read(file, buffer.baseAddress, buffer.count)
        if count == 0 { return false }
        guard count > 0 else { return errno == EAGAIN || errno == EINTR }
        state.withLock { state in
          if isOutput { state.output += buffer[..<count] } else { state.errors += buffer[..<count] }
        }
      }
    }
  }

  private static func pipe() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Hung(what: "no pipe left", ending: Ending()) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
