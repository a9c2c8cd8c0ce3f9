import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What a bare async-http-client reaches: `bare-client URL TOKEN BODY COUNT CONNECTIONS` posts the same body
/// COUNT times, and prints how many times a second. For `scripts/bench`, beside what cvlua reaches.
@main
struct BareClient {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let (url, token, body) = (arguments[1], arguments[2], arguments[3])
    guard let count = Int(arguments[4]), let connections = Int(arguments[5]) else { return }
    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    // The first round brings the connections about.
    try await post(client, url, token, body, connections, connections)
    let start = ContinuousClock.now
    try await post(client, url, token, body, count, connections)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print(Int(Double(count) / seconds))
    try await client.shutdown()
  }

  private static func post(
    _ client: HTTPClient, _ url: String, _ token: String, _ body: String, _ count: Int, _ connections: Int
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<connections {
        group.addTask {
          for _ in 0..<count / connections {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Authtoken", value: token)
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
            let answer = try await client.execute(request, timeout: .seconds(60))
            let text = try await answer.body.collect(upTo: 1 << 20)
            precondition(answer.status == .ok && text.readableBytes > 0)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
