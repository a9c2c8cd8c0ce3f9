public import CommandCenter
internal import Glibc
public import LuaVM

/// Where a secret comes from: never from a script, and from a configuration file only by reference.
public enum SecretSource: Hashable, Sendable {
  /// An environment variable.
  case environment(String)
  /// A file that only its owner may read (mode 0600 or less).
  case file(String)
  /// A systemd credential: a file of that name in `$CREDENTIALS_DIRECTORY`.
  case credential(String)
  /// What a command prints; its words, without a shell.
  case command([String])

  /// Fetches the secret. One line end at its end does not belong to it.
  ///
  /// - Throws: a sentence that names the source, never the secret.
  public func fetch() throws(LuaFailure) -> Secret {
    switch self {
    case .environment(let name):
      guard let value = getenv(name) else {
        throw Self.failure("the environment variable \(name) is not set")
      }
      return try Self.secret(String(cString: value), from: "the environment variable \(name)")
    case .file(let path): return try Self.read(path, mayShow: 0)
    case .credential(let name):
      guard let folder = getenv("CREDENTIALS_DIRECTORY") else {
        throw Self.failure("there is no systemd credential \(name): CREDENTIALS_DIRECTORY is not set")
      }
      // systemd lets the service's user in by an access list, whose mask shows as the group's bits.
      return try Self.read("\(String(cString: folder))/\(name)", mayShow: 0o070)
    case .command(let words): return try Self.run(words)
    }
  }

  /// - Parameter bits: of the file's mode, which need not be clear.
  private static func read(_ path: String, mayShow bits: mode_t) throws(LuaFailure) -> Secret {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw failure("\(path) is no file that holds a secret")
    }
    guard status.st_mode & 0o077 & ~bits == 0 else {
      throw failure("\(path) can be read by others; run: chmod 600 \(path)")
    }
    return try secret(text(of: file), from: path)
  }

  private static func run(_ words: [String]) throws(LuaFailure) -> Secret {
    let name = "the command \(words.first ?? "")"
    var ends: [Int32] = [0, 0]
    guard !words.isEmpty, pipe(&ends) == 0 else { throw failure("\(name) cannot be run") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    // The child has copies of its own; these are freed below.
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    let status = posix_spawnp(&child, words[0], &actions, nil, arguments, environ)
    close(ends[1])
    guard status == 0 else { throw failure("\(name) cannot be run: \(String(cString: strerror(status)))") }
    let printed = text(of: ends[0])
    var result: Int32 = 0
    while waitpid(child, &result, 0) < 0, errno == EINTR {}
    guard result == 0 else { throw failure("\(name) failed, so there is no secret") }
    return try secret(printed, from: name)
  }

  /// All that can be read, up to the 64 kB that no secret exceeds.
  private static func text(of file: Int32) -> String {
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      var count = 0
      while count < buffer.count {
        let got = Glibc.read(file, buffer.baseAddress! + count, buffer.count - count)
        if got < 0, errno == EINTR { continue }
        if got <= 0 { break }
        count += got
      }
      return String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  private static func secret(_ text: String, from source: String) throws(LuaFailure) -> Secret {
    var text = text[...]
    if text.last?.isNewline ?? false { text = text.dropLast() }
    guard !text.isEmpty else { throw failure("\(source) is empty, where a secret is wanted") }
    guard !text.contains(where: \.isNewline) else {
      throw failure("\(source) holds several lines, where one secret is wanted")
    }
    return Secret(String(text))
  }

  private static func failure(_ message: String) -> LuaFailure { LuaFailure("secret", message) }
}
