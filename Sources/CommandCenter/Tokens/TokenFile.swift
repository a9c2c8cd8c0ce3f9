import Clock
import CommandCenterAPI
import Glibc

/// A pair of tokens in a file that only its owner can read:
/// `{"accessToken": "…", "refreshToken": "…", "expires": 1790000000}`.
///
/// The lock is a file of its own beside it, as the file itself is replaced by each renewal.
public final class TokenFile: TokenStore {
  public let path: String

  public init(path: String) { self.path = path }

  public func load() throws(TokenStoreError) -> TokenPair {
    let bytes = try read()
    // What the file holds must not show, so neither does why it is no JSON.
    guard let json = try? JSONValue(parsing: bytes),
      let access = json["accessToken"]?.string.map(Self.trimmed), !access.isEmpty,
      let refresh = json["refreshToken"]?.string.map(Self.trimmed), !refresh.isEmpty
    else { throw TokenStoreError("\(path) holds no JSON object with accessToken and refreshToken") }
    func moment(_ name: String) -> Moment? { json[name]?.int64.map { Moment(unixSeconds: $0) } }
    return TokenPair(
      accessToken: Secret(access), refreshToken: Secret(refresh), expires: moment("expires"),
      issued: moment("issued"), began: moment("began"), renewalBegan: moment("renewalBegan"))
  }

  public func save(_ pair: TokenPair) throws(TokenStoreError) {
    var json = JSONWriter()
    json.beginObject()
    json.member("accessToken", pair.accessToken.revealed)
    json.member("refreshToken", pair.refreshToken.revealed)
    if let moment = pair.expires { json.member("expires", moment.unixSeconds) }
    if let moment = pair.issued { json.member("issued", moment.unixSeconds) }
    if let moment = pair.began { json.member("began", moment.unixSeconds) }
    if let moment = pair.renewalBegan { json.member("renewalBegan", moment.unixSeconds) }
    json.endObject()
    try replace(with: json.bytes + [UInt8(ascii: "\n")])
  }

  public func tryLock() throws(TokenStoreError) -> (any TokenLock)? {
    let file = path + ".lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure("cannot be opened", file) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor) }
    let number = errno
    close(descriptor)
    if number == EWOULDBLOCK || number == EINTR { return nil }
    throw Self.failure("cannot be locked", file, number)
  }

  private func read() throws(TokenStoreError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("cannot be read", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot be read", path) }
    guard status.st_mode & 0o077 == 0 else {
      throw TokenStoreError("\(path) can be read by others than its owner; chmod 600 it")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("cannot be read", path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= 1 << 20 else { throw TokenStoreError("\(path) is too large for a pair of tokens") }
    }
  }

  /// Writes a file beside the old one, brings it to the disk, and only then puts it in the old one's place.
  private func replace(with bytes: [UInt8]) throws(TokenStoreError) {
    let temporary = path + ".new"
    // Left over from one who died; whoever saves has the lock.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure("cannot be written", temporary) }
    var isClosed = false
    defer { if !isClosed { close(descriptor) } }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let failure = Self.failure("cannot be written", temporary)
        unlink(temporary)
        throw failure
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw Self.failure("cannot be written", temporary) }
    isClosed = true
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      throw Self.failure("cannot be replaced", path)
    }
    // The new name, too, is to outlive a power cut.
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts.joined(separator: "/") + "/"
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  private static func failure(_ what: String, _ file: String, _ number: CInt = errno) -> TokenStoreError {
    TokenStoreError("\(file) \(what): \(String(cString: strerror(number)))")
  }
}

/// A lock of the kernel's, which ends with whoever holds it however that ends.
private final class FileLock: TokenLock {
  private let descriptor: CInt

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  deinit {
    // A child that is being started has the descriptor, too, until it becomes another program; closing ours would
    // leave the lock with it for that while.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
