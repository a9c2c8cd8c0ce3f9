import Clock
import CommandCenterAPI
import Glibc
import HTTPTypes
import Simulator
import Synchronization
import Testing

@testable import CommandCenter

/// A server of access tokens before a simulator: each renewal makes a new pair and voids the old one, and
/// renewing with a voided pair deletes everything.
final class TokenServer: Transport {
  private struct State {
    var number = 1
    var expires: Moment
    var isDeleted = false
    var renewals = 0
    var mayLose = 0
    var mayRefuse = 0
  }

  static let lifetime = Duration.seconds(1800)
  private let clock: VirtualClock
  private let simulator: Simulator
  private let saysExpiry: Bool
  private let state: Mutex<State>

  init(_ clock: VirtualClock, saysExpiry: Bool) {
    self.clock = clock
    self.saysExpiry = saysExpiry
    var settings = SimulatorSettings()
    settings.tokens = ["inside"]
    simulator = Simulator(clock: clock, settings: settings)
    state = Mutex(State(expires: clock.now + Self.lifetime))
  }

  static func pair(_ number: Int) -> TokenPair {
    TokenPair(
      accessToken: Secret("5ec7e7-access-\(number)"), refreshToken: Secret("5ec7e7-refresh-\(number)"))
  }

  var view: SimulatorView { simulator.view }
  var renewals: Int { state.withLock { $0.renewals } }
  var isDeleted: Bool { state.withLock { $0.isDeleted } }
  /// Carries out the next renewal, and answers nothing.
  func loseNextAnswer() { state.withLock { $0.mayLose = 1 } }
  /// Does not get the next one at all.
  func refuseNextConnection() { state.withLock { $0.mayRefuse = 1 } }

  func send(_ request: HTTPRequest, body: [UInt8]) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    if request.path?.hasSuffix("/V4/AccessToken/Renew") == true { return try renew(body) }
    let now = clock.now
    let isGood = state.withLock { state in
      let token = Self.pair(state.number).accessToken.revealed
      return !state.isDeleted && request.headerFields[.authtoken] == token && now < state.expires
    }
    var request = request
    request.headerFields[.authtoken] = isGood ? "inside" : "outside"
    return simulator.answer(request, body: body)
  }

  private func renew(_ body: [UInt8]) throws(TransportError) -> (HTTPResponse, [UInt8]) {
    let now = clock.now
    let given = RenewRequest(decoding: body)
    let answer = state.withLock { state -> Result<(HTTPResponse, [UInt8]), TransportError> in
      if state.mayRefuse > 0 {
        state.mayRefuse -= 1
        return .failure(TransportError("connection refused", mayHaveArrived: false))
      }
      let current = Self.pair(state.number)
      guard !state.isDeleted, given?.accessToken == current.accessToken.revealed,
        given?.refreshToken == current.refreshToken.revealed
      else {
        state.isDeleted = true
        let text = "{\"errorMessage\":\"Invalid refresh token.\",\"errorCode\":5}"
        return .success((HTTPResponse(status: .unauthorized), Array(text.utf8)))
      }
      state.number += 1
      state.renewals += 1
      state.expires = now + Self.lifetime
      if state.mayLose > 0 {
        state.mayLose -= 1
        return .failure(TransportError("the connection was closed", mayHaveArrived: true))
      }
      let next = Self.pair(state.number)
      var json = JSONWriter()
      RenewAnswer(
        accessToken: next.accessToken.revealed, refreshToken: next.refreshToken.revealed,
        expires: saysExpiry ? state.expires.unixSeconds : nil
      ).write(to: &json)
      return .success((HTTPResponse(status: .ok), json.bytes))
    }
    return try answer.get()
  }
}

/// A folder that goes with its test.
private final class Folder {
  let path: String
  init() throws {
    var template = Array("/tmp/cvlua-tokens-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
  deinit {
    for name in ["pair", "pair.new", "pair.lock"] { unlink(path + "/" + name) }
    rmdir(path)
  }
}

@Suite("Access tokens")
struct TokenTests {
  private let folder: Folder
  private let clock = VirtualClock(start: Stage.evening)
  private var path: String { folder.path + "/pair" }

  init() throws {
    folder = try Folder()
    try TokenFile(path: folder.path + "/pair").save(TokenServer.pair(1))
  }

  private func center(_ server: TokenServer, _ line: Line, _ told: Log = Log()) -> CommandCenter {
    // A file of its own, as another process would have it.
    CommandCenter(
      name: "test", endpoint: Endpoint(authority: "center.example"),
      credentials: .accessToken(StoredTokens(TokenFile(path: path))), transport: server, clock: clock,
      executor: line
    ) { told.add($0) }
  }

  /// Runs `body` for each number at once, on one line, and waits for all.
  private func all(_ count: Int, _ line: Line, _ body: @escaping @Sendable (Int) async -> Void) async {
    clock.hold()
    await withTaskGroup(of: Void.self) { group in
      for number in 1...count {
        clock.hold()
        group.addTask(executorPreference: line) { [clock] in
          await body(number)
          clock.release()
        }
      }
      clock.release()
    }
  }

  @Test(
    "Fifty clients of one file, each with requests of its own: one renewal, none locked out",
    arguments: [false, true])
  func fifty(saysExpiry: Bool) async throws {
    let server = TokenServer(clock, saysExpiry: saysExpiry)
    let line = Line()
    let centers = (0..<50).map { _ in center(server, line) }
    let good = Collected<Int>()
    for round in 1...3 {
      await all(200, line) { number in
        // The token of this round dies of age; in the first it is the one on file.
        if (try? await centers[number % 50].clients(refresh: true)) != nil { good.add(number) }
      }
      #expect(good.all.count == 200 * round)
      #expect(server.renewals == round - 1)
      await all(1, line) { [clock] _ in try? await clock.sleep(for: TokenServer.lifetime + .seconds(1)) }
    }
    #expect(!server.isDeleted)
    let stored = try TokenFile(path: path).load()
    #expect(stored.accessToken == TokenServer.pair(3).accessToken)
    #expect(stored.refreshToken == TokenServer.pair(3).refreshToken)
  }

  @Test("A token is renewed before it expires, where it is known when")
  func beforehand() async throws {
    let server = TokenServer(clock, saysExpiry: true)
    var first = TokenServer.pair(1)
    first.expires = clock.now + .seconds(1800)
    try TokenFile(path: path).save(first)
    let line = Line()
    let center = center(server, line)
    let denied = Collected<Int>()
    await all(1, line) { [clock] _ in
      for _ in 0..<100 {
        if (try? await center.clients(refresh: true)) == nil { denied.add(1) }
        try? await clock.sleep(for: .seconds(60))
      }
    }
    #expect(denied.all.isEmpty)
    // 100 minutes, 28 of each half hour; the login and no request was in vain.
    #expect(server.renewals == 3)
    #expect(await center.traffic.others == 100)
  }

  @Test("A renewal that was not sent, or not answered")
  func accidents() async throws {
    let server = TokenServer(clock, saysExpiry: true)
    var first = TokenServer.pair(1)
    first.expires = clock.now - .seconds(1)
    try TokenFile(path: path).save(first)
    let line = Line()
    let center = center(server, line)
    server.refuseNextConnection()
    await all(1, line) { _ in #expect((try? await center.clients(refresh: true)) != nil) }
    #expect(server.renewals == 1)
    #expect(try TokenFile(path: path).load().renewalBegan == nil)
    // Lost while the old token still works here: nothing more is tried before it has died.
    server.loseNextAnswer()
    await all(1, line) { [clock, path] _ in
      try? await clock.sleep(for: .seconds(1700))
      _ = try? await center.clients(refresh: true)
      #expect(server.renewals == 2)
      #expect((try? TokenFile(path: path).load())?.renewalBegan != nil)
      do throws(CommandCenterError) {
        _ = try await center.clients(refresh: true)
        Issue.record("the chain is broken, and yet it went on")
      } catch {
        #expect(error.kind == .notLoggedIn)
        #expect(!"\(error) \(error.message)".contains("5ec7e7"))
        #expect(error.message.contains("got no answer"))
      }
    }
  }

  @Test("A folder that cannot be written stops the renewal before it is sent")
  func fullDisk() async throws {
    let server = TokenServer(clock, saysExpiry: false)
    let line = Line()
    let store = Broken(TokenFile(path: path))
    let told = Log()
    let center = CommandCenter(
      name: "test", endpoint: Endpoint(authority: "center.example"),
      credentials: .accessToken(StoredTokens(store)), transport: server, clock: clock, executor: line
    ) { told.add($0) }
    await all(1, line) { [clock] _ in
      #expect((try? await center.clients(refresh: true)) != nil)
      try? await clock.sleep(for: TokenServer.lifetime + .seconds(1))
      store.fail(after: 0)
      do throws(CommandCenterError) { _ = try await center.clients(refresh: true) } catch {
        #expect(error.message.contains("no space"))
      }
      #expect(server.renewals == 0)
      // Room for the intention, and none for the new pair: this client goes on, and nobody else renews.
      try? await clock.sleep(for: .seconds(601))
      store.fail(after: 1)
      #expect((try? await center.clients(refresh: true)) != nil)
      #expect((try? await center.clients(refresh: true)) != nil)
      #expect(server.renewals == 1)
      #expect((try? store.tryLock()) == nil)
      // Once there is room, what is known is stored.
      store.fail(after: .max)
      try? await clock.sleep(for: TokenServer.lifetime + .seconds(1))
      #expect((try? await center.clients(refresh: true)) != nil)
      #expect(server.renewals == 2)
    }
    #expect(!server.isDeleted)
    #expect(try TokenFile(path: path).load().accessToken == TokenServer.pair(3).accessToken)
    #expect(told.all.count == 1)
  }

  @Test("The file: for its owner only, whole or not at all, and never quoted")
  func file() throws {
    let file = TokenFile(path: path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    var pair = TokenServer.pair(7)
    pair.expires = Moment(unixSeconds: 1_800_000_000 as Int64)
    pair.issued = Stage.evening
    try file.save(pair)
    #expect(try file.load() == pair)
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    chmod(path, 0o644)
    #expect(throws: TokenStoreError.self) { _ = try file.load() }
    for text in [
      "", "{", "[]", "{\"accessToken\":\"5ec7e7\"}", "{\"accessToken\":\"5ec7e7\",\"refreshToken\":3}",
    ] {
      let descriptor = open(path, O_WRONLY | O_TRUNC)
      chmod(path, 0o600)
      _ = text.withCString { write(descriptor, $0, strlen($0)) }
      close(descriptor)
      let error = #expect(throws: TokenStoreError.self) { _ = try file.load() }
      #expect(error?.message.contains("5ec7e7") == false)
      #expect(error?.message.contains(path) == true)
    }
    #expect(throws: TokenStoreError.self) { _ = try TokenFile(path: "/nonexistent/pair").load() }
  }

  @Test("One has the lock at a time")
  func lock() throws {
    let one = TokenFile(path: path)
    let other = TokenFile(path: path)
    do {
      let lock = try #require(try one.tryLock())
      #expect(try other.tryLock() == nil)
      withExtendedLifetime(lock) {}
    }
    #expect(try other.tryLock() != nil)
    // Another process.
    let process = try #require(popen("exec flock -x '\(path).lock' cat", "w"))
    var isTaken = false
    for _ in 0..<1000 where !isTaken {
      isTaken = try one.tryLock() == nil
      usleep(10_000)
    }
    #expect(isTaken)
    pclose(process)
    #expect(try one.tryLock() != nil)
  }
}

/// A store on a disk that fills up.
private final class Broken: TokenStore {
  private let file: TokenFile
  private let left = Mutex(Int.max)
  init(_ file: TokenFile) { self.file = file }

  /// From the next but `count` on, nothing can be saved.
  func fail(after count: Int) { left.withLock { $0 = count } }

  func load() throws(TokenStoreError) -> TokenPair { try file.load() }
  func tryLock() throws(TokenStoreError) -> (any TokenLock)? { try file.tryLock() }
  func save(_ pair: TokenPair) throws(TokenStoreError) {
    let isFull = left.withLock { left in
      if left == .max { return false }
      left -= 1
      return left < 0
    }
    if isFull { throw TokenStoreError("no space left") }
    try file.save(pair)
  }
}
