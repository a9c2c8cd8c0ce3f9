import Clock
import Glibc
import Simulator
import SimulatorServer
import Testing

/// A simulator that is served on loopback for the length of a test, and the smallest of clients.
struct Served: Sendable {
  let port: Int
  let simulator: Simulator

  static let token = "a-token-for-tests"

  static let backup = """
    {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1042,\
    "applicationId":134}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
    "options":{"backupOpts":{"backupLevel":"FULL"},"commonOpts":{"jobDescription":"night 1"}}}]}}
    """

  static let login = #"{"username":"simulator","password":"c2ltdWxhdG9y"}"#

  /// Serves, lets `body` ask, and ends the server.
  static func run(faults: String = "", _ body: @Sendable (Served) async throws -> Void) async throws {
    var settings = SimulatorSettings()
    settings.tokens = [token]
    let simulator = Simulator(clock: SystemClock(), faults: try FaultPlan.parse(faults), settings: settings)
    let server = SimulatorServer(simulator, host: "127.0.0.1", port: 0)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.run { listening.yield($0.port) }
        listening.finish()
      }
      let first = await ports.first { _ in true }
      let port = try #require(first, "the server did not come up")
      do {
        try await body(Served(port: port, simulator: simulator))
        group.cancelAll()
      } catch {
        group.cancelAll()
        throw error
      }
      try await group.waitForAll()
    }
  }

  /// One request as its bytes.
  static func request(
    _ method: String, _ path: String, token: String? = nil, body: String = "", keepAlive: Bool = false
  ) -> String {
    let lines =
      ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Content-Length: \(body.utf8.count)"]
      + (keepAlive ? [] : ["Connection: close"]) + (token.map { ["Authtoken: \($0)"] } ?? [])
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  func send(_ method: String, _ path: String, token: String? = nil, body: String = "") async throws -> Got {
    try await exchange(Self.request(method, path, token: token, body: body))
  }

  /// Sends, and reads until the other side ends the connection.
  func exchange(_ bytes: String) async throws -> Got {
    let port = port
    return try await onThread {
      let socket = try Connection(port: port)
      try socket.send(bytes)
      return socket.readToEnd()
    }
  }

  /// Sends, and leaves the connection open until the process ends.
  func open(_ bytes: String) async throws {
    let port = port
    try await onThread {
      let socket = try Connection(port: port, isLeftOpen: true)
      try socket.send(bytes)
    }
  }

  /// Runs blocking work on a thread of its own: one of a pool would be missing to the server.
  private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      let job = Unmanaged.passRetained(Job { continuation.resume(with: Result(catching: work)) })
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { argument in
          // Balanced by passRetained above.
          Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue().run()
          return nil
        }, job.toOpaque())
      precondition(status == 0, "no thread could be started")
      pthread_detach(thread)
    }
  }
}

private final class Job: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// What came back.
struct Got: Sendable {
  enum Ending { case closed, reset, timedOut }

  let text: String
  let ending: Ending

  var status: Int { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }
  var head: String { text.range(of: "\r\n\r\n").map { String(text[..<$0]) } ?? text }
  var body: String { text.range(of: "\r\n\r\n").map { String(text[text.index($0, offsetBy: 1)...]) } ?? "" }

  /// The value of a header field.
  func field(_ name: String) -> String? {
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ": ") {
      return String(line.dropFirst(name.count + 2))
    }
    return nil
  }

  /// The value of a member that is a string, from JSON as the simulator writes it.
  func member(_ name: String) -> String? {
    let parts = body.split(separator: "\"")
    guard let index = parts.firstIndex(of: name[...]), index + 2 < parts.count else { return nil }
    return String(parts[index + 2])
  }
}

extension String {
  /// Where `part` begins. `\r\n` is one character of Swift's, so an end of a head is one of two.
  fileprivate func range(of part: String) -> Index? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(part) { return self.index(after: index) }
      index = self.index(after: index)
    }
    return nil
  }
}

private final class Connection {
  struct Failure: Error { let errno: Int32 }

  private let descriptor: Int32
  private let isLeftOpen: Bool

  init(port: Int, isLeftOpen: Bool = false) throws {
    self.isLeftOpen = isLeftOpen
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(errno: errno) }
  }

  deinit { if !isLeftOpen { close(descriptor) } }

  func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(errno: errno) }
      rest = rest.dropFirst(count)
    }
  }

  func readToEnd() -> Got {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 {
        bytes += buffer[..<count]
        continue
      }
      let ending: Got.Ending = count == 0 ? .closed : errno == ECONNRESET ? .reset : .timedOut
      return Got(text: String(decoding: bytes, as: UTF8.self), ending: ending)
    }
  }
}
