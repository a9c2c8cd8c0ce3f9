import BadServers
import CommandCenterAPI
import Synchronization

/// A server on loopback that takes what runs tell, and answers as its paths say: `/500/…` with 500, `/hang/…` never,
/// all else with 200.
final class Listener: Sendable {
  /// In each of its addresses; it must not be seen anywhere.
  static let key = "0ddba11-5ec7e7"

  struct Post: Sendable {
    let path: String
    let body: JSONValue
  }

  private let server: Misbehaving
  private let state: State

  private final class State: Sendable {
    let posts = Mutex<[Post]>([])
    let isDown = Mutex(false)
  }

  init() throws {
    let state = State()
    self.state = state
    server = try Misbehaving { connection, _ in
      while let (head, body) = connection.readWhole() {
        let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        if path.hasPrefix("/hang") { return connection.waitForEnd() }
        if path.hasPrefix("/500") || state.isDown.withLock({ $0 }) {
          connection.answer("", status: "500 Oh")
        } else {
          if let json = try? JSONValue(parsing: body) {
            state.posts.withLock { $0.append(Post(path: path, body: json)) }
          }
          connection.answer("ok")
        }
      }
    }
  }

  deinit { server.stop() }

  /// While it is down, everything is answered with 500.
  func set(isDown: Bool) { state.isDown.withLock { $0 = isDown } }

  func address(_ path: String) -> String { "http://127.0.0.1:\(server.port)/\(path)/\(Self.key)" }

  /// What it took, in the order of its coming.
  var posts: [Post] { state.posts.withLock { $0 } }

  /// What it took at one address.
  func posts(_ path: String) -> [JSONValue] {
    posts.filter { $0.path == "/\(path)/\(Self.key)" }.map(\.body)
  }
}
