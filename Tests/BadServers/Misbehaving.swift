import Glibc
import Synchronization

/// A server on a raw socket of loopback, one thread for each connection, that does what a test wants.
package final class Misbehaving: Sendable {
  package let port: Int
  private let listener: CInt
  private let counts = Mutex((connections: 0, requests: [String]()))

  /// - Parameter serve: is given each connection, and its number from 1; it is closed afterwards.
  package init(_ serve: @escaping @Sendable (Connection, Int) -> Void) throws {
    // Programs that other tests start must not keep it open.
    let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      // The socket calls take any address by a pointer to its beginning.
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, length) == 0 && listen(socket, 64) == 0
          && getsockname(socket, pointer, &length) == 0
      }
    }
    guard status else { throw Failure() }
    listener = socket
    port = Int(UInt16(bigEndian: address.sin_port))
    Self.onThread { [self] in
      while true {
        let client = accept(socket, nil, nil)
        guard client >= 0 else { return }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        let number = counts.withLock { counts in
          counts.connections += 1
          return counts.connections
        }
        Self.onThread {
          let connection = Connection(client) { head in self.counts.withLock { $0.requests.append(head) } }
          serve(connection, number)
          close(client)
        }
      }
    }
  }

  package struct Failure: Error {
    package init() {}
  }

  package var connections: Int { counts.withLock { $0.connections } }
  /// The heads of the requests that were read.
  package var requests: [String] { counts.withLock { $0.requests } }

  package func stop() {
    shutdown(listener, CInt(SHUT_RDWR))
    close(listener)
  }

  package static func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        // Balanced by passRetained below.
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Work(body)).toOpaque())
    pthread_detach(thread)
  }
}

/// One connection of the server's.
package struct Connection: Sendable {
  private let socket: CInt
  private let saw: @Sendable (String) -> Void

  init(_ socket: CInt, saw: @escaping @Sendable (String) -> Void) {
    self.socket = socket
    self.saw = saw
  }

  /// Reads one request with its body.
  ///
  /// - Returns: false at the connection's end.
  @discardableResult
  package func readRequest() -> Bool { readHead() != nil }

  /// Reads one request with its body.
  ///
  /// - Returns: its first line and fields; nil at the connection's end.
  package func readHead() -> String? { readWhole()?.head }

  /// Reads one request with its body.
  ///
  /// - Returns: its first line and fields, and the body; nil at the connection's end.
  package func readWhole() -> (head: String, body: [UInt8])? {
    var read: String?
    var start = 0
    var bytes: [UInt8] = []
    var expected = Int.max
    while bytes.count < expected {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(socket, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
      if expected == .max, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        saw(head)
        read = head
        let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let digits = length?.drop { !$0.isNumber } ?? "0"
        expected = end.upperBound + (Int(digits) ?? 0)
        start = end.upperBound
      }
    }
    return read.map { ($0, Array(bytes[start...])) }
  }

  /// - Returns: false where the other side is gone.
  @discardableResult
  package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  @discardableResult
  package func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  package func answer(_ body: String, status: String = "200 OK", fields: String = "") {
    write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
  }

  /// Waits until the other side closes.
  package func waitForEnd() {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while recv(socket, &chunk, chunk.count, 0) > 0 {}
  }

  /// Closes so that the other side sees a reset.
  package func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
  }
}
