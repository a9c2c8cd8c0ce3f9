// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is held to the same rules.
let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let houseOfC: [CSetting] = [.treatAllWarnings(as: .error)]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
  name: "cvlua",
  products: [.executable(name: "cvlua", targets: ["cvlua"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Leaves.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .target(name: "CSlots", cSettings: houseOfC),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // Only the header of libedit: the library itself is loaded when a prompt is wanted.
    .target(name: "CEdit", cSettings: houseOfC),
    .target(name: "CStdlib", cSettings: houseOfC),
    module("Clock", [.product(name: "HeapModule", package: "swift-collections")]),
    module("SQLite", ["CSQLite"]),
    module("Terminal", ["CEdit"]),

    // Lua inside Swift. Knows no backups.
    .target(
      name: "CLuaShim", dependencies: ["CLua", "CSlots"], exclude: ["prelude.lua"], cSettings: houseOfC),
    module(
      "LuaVM",
      ["CLua", "CLuaShim", "CSlots", .product(name: "DequeModule", package: "swift-collections")]),

    // The Command Center: what it says, how to talk to it, and one in memory.
    module("CommandCenterAPI", ["CSlots"]),
    module("CommandCenter", ["Clock", "CommandCenterAPI", httpTypes]),
    module(
      "HTTPTransport",
      [
        "Clock", "CommandCenter", httpTypes,
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    module("Simulator", ["Clock", "CommandCenterAPI", httpTypes]),

    module(
      "SimulatorServer",
      [
        "Clock", "CommandCenterAPI", "Simulator", "SQLite", httpTypes,
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "X509", package: "swift-certificates"),
      ]),

    // What must survive a crash: keys, ids and opaque bytes.
    module("Journal", ["Clock", "SQLite", .product(name: "Crypto", package: "swift-crypto")]),

    // What a night is.
    module("Workflow", ["Clock", "CommandCenter", "CommandCenterAPI", "Journal"]),
    module(
      "Scripting",
      [
        "Clock", "CommandCenterAPI", "CommandCenter", "CSlots", "LuaVM", "Workflow",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    module(
      "Console",
      [
        "Clock", "CommandCenterAPI", "LuaVM", "Scripting", "Terminal", "Workflow",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    .executableTarget(
      name: "cvlua",
      dependencies: [
        "Clock", "CommandCenter", "CommandCenterAPI", "Console", "CStdlib", "HTTPTransport", "Journal",
        "LuaVM",
        "Scripting", "Simulator", "SimulatorServer", "Terminal", "Workflow", httpTypes,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // The toolchain's own linker: a release links in seconds, where gold takes over a minute.
      swiftSettings: house,
      linkerSettings: [
        .unsafeFlags(
          ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--gc-sections"],
          .when(platforms: [.linux]))
      ]),

    // What scripts/bench measures submits against.
    .executableTarget(
      name: "bare-client",
      dependencies: [
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      path: "Tests/BareClient", swiftSettings: house),
    // The example of each API page, for the tests of whoever reads or writes payloads.
    .target(
      name: "PageBodies", dependencies: ["CommandCenterAPI"], path: "Tests/PageBodies", swiftSettings: house),
    // Servers that do as no Command Center should.
    .target(name: "BadServers", path: "Tests/BadServers", swiftSettings: house),
    tests("ClockTests", ["Clock"]),
    tests("LuaVMTests", ["CLua", "CLuaShim", "LuaVM"]),
    tests("CommandCenterAPITests", ["CommandCenterAPI", "CSlots", "PageBodies"]),
    tests("CommandCenterTests", ["Clock", "CommandCenter", "CommandCenterAPI", "Simulator", httpTypes]),
    tests("HTTPTransportTests", ["BadServers", "CommandCenter", "HTTPTransport", httpTypes]),
    // A process of its own for the tests of the journal, and what measures it.
    .executableTarget(
      name: "journal-child", dependencies: ["Clock", "Journal"], path: "Tests/JournalChild",
      swiftSettings: house),
    tests("JournalTests", ["Clock", "Journal", "journal-child"]),
    tests("WorkflowTests", ["Clock", "CommandCenterAPI", "Journal", "Workflow"]),
    tests(
      "ScriptingTests",
      [
        "Clock", "CommandCenter", "CommandCenterAPI", "LuaVM", "PageBodies", "Scripting", "Simulator",
        "Workflow",
        httpTypes,
      ]),
    .testTarget(
      name: "ConsoleTests",
      dependencies: ["Clock", "CommandCenterAPI", "Console", "LuaVM", "Terminal", "Workflow"],
      exclude: ["Screens"], swiftSettings: house),
    // A program with a footer on its terminal.
    .executableTarget(
      name: "terminal-child", dependencies: ["Terminal"], path: "Tests/TerminalChild", swiftSettings: house),
    // Of the built binary.
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["BadServers", "CommandCenterAPI", "SQLite", "cvlua", "terminal-child"],
      exclude: ["Transcripts"],
      swiftSettings: house),
    tests("SimulatorServerTests", ["Clock", "Simulator", "SimulatorServer", "SQLite"]),
    tests("SQLiteTests", ["SQLite"]),
    tests("SimulatorTests", ["Clock", "CommandCenterAPI", "Simulator", httpTypes]),
  ]
)
