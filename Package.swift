// swift-tools-version: 6.3
import PackageDescription

// No package dependencies, ever: an embedder's dependency graph cannot clash with ours. What a C system
// library does better (SQL, compression) is linked through the system-library targets at the end.

// Tests and examples: the same language, without strict memory safety (their C calls need no audit).
let relaxed: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

let settings = relaxed + [.strictMemorySafety()]

let package = Package(
    name: "swift-chat-engine",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "ChatCore", targets: ["ChatCore"]),
        .library(name: "ChatAuth", targets: ["ChatAuth"]),
        .library(name: "ChatFiles", targets: ["ChatFiles"]),
        .library(name: "ChatActivityLog", targets: ["ChatActivityLog"]),
        .library(name: "ChatHTTP", targets: ["ChatHTTP"]),
        .library(name: "ChatTransportTCP", targets: ["ChatTransportTCP"]),
        .library(name: "ChatTransportWS", targets: ["ChatTransportWS"]),
        .library(name: "ChatTLS", targets: ["ChatTLS"]),
        .library(name: "ChatStorageMemory", targets: ["ChatStorageMemory"]),
        .library(name: "ChatStorageSQLite", targets: ["ChatStorageSQLite"]),
        .library(name: "ChatStoragePostgres", targets: ["ChatStoragePostgres"]),
        .library(name: "ChatClient", targets: ["ChatClient"]),
        .library(name: "ChatTesting", targets: ["ChatTesting"]),
        .executable(name: "chat-server", targets: ["ChatServer"]),
        .executable(name: "chat-cli", targets: ["ChatCLI"]),
        .executable(name: "bot", targets: ["Bot"]),
        .executable(name: "chat-load", targets: ["ChatLoad"]),
        .executable(name: "broadcast-floor", targets: ["Floor"]),
        .executable(name: "store-bench", targets: ["StoreBench"]),
        .executable(name: "read-bench", targets: ["ReadBench"]),
        .executable(name: "websocket-echo", targets: ["WebSocketEcho"]),
        .executable(name: "embedding", targets: ["Embedding"]),
        .executable(name: "custom-authenticator", targets: ["CustomAuthenticator"]),
        .executable(name: "chat-bench", targets: ["ChatBench"]),
        .executable(name: "allocation-check", targets: ["AllocationCheck"]),
    ],
    dependencies: [],
    targets: [
        // The rules of chat and the engine that runs them.
        .target(name: "ChatCore", dependencies: ["ChatPlatform"], swiftSettings: settings),

        // Accounts and tokens.
        .target(
            name: "ChatAuth", dependencies: ["ChatCore", "ChatPlatform", "ChatSodium"],
            swiftSettings: settings),

        // Hidden: hashes, signatures and random bytes, by libsodium.
        .target(name: "ChatSodium", dependencies: ["CSodium"], swiftSettings: settings),

        // Hidden: the few things the standard library lacks (lock, clock, thread identity, sockets).
        .target(name: "ChatPlatform", dependencies: ["CChatSystem"], swiftSettings: settings),
        .target(
            name: "ChatSockets", dependencies: ["ChatCore", "ChatPlatform", "CChatSystem"],
            swiftSettings: settings),

        // Transports.
        .target(
            name: "ChatTransportTCP", dependencies: ["ChatCore", "ChatSockets"],
            swiftSettings: settings),
        .target(
            name: "ChatTransportWS",
            dependencies: ["ChatCore", "ChatPlatform", "ChatSockets", "CZlib"],
            swiftSettings: settings),

        // Accounts, rooms and messages over HTTP, as routes of the WebSocket transport.
        .target(
            name: "ChatHTTP", dependencies: ["ChatCore", "ChatTransportWS"],
            swiftSettings: settings),

        // Files: their store, and how they come and go over HTTP.
        .target(
            name: "ChatFiles",
            dependencies: ["ChatCore", "ChatPlatform", "ChatSodium", "ChatTransportWS"],
            swiftSettings: settings),

        // What people do, in daily files.
        .target(
            name: "ChatActivityLog", dependencies: ["ChatCore", "ChatPlatform"],
            swiftSettings: settings),

        // Encryption, apart: an embedder without TLS links no OpenSSL.
        .target(
            name: "ChatTLS", dependencies: ["ChatCore", "ChatPlatform", "COpenSSL"],
            swiftSettings: settings),

        // Storage: one target and product per engine, so that an embedder links only one.
        .target(
            name: "ChatStorageMemory", dependencies: ["ChatCore", "ChatPlatform"],
            path: "Sources/ChatStorage/Memory", swiftSettings: settings),
        .target(
            name: "ChatStorageSQLite", dependencies: ["ChatCore", "ChatPlatform", "CSQLite"],
            path: "Sources/ChatStorage/SQLite", swiftSettings: settings),
        .target(
            name: "ChatStoragePostgres", dependencies: ["ChatCore", "ChatPlatform", "CPostgres"],
            path: "Sources/ChatStorage/Postgres", swiftSettings: settings),

        // The other end: a client for programs, bots and tests.
        .target(
            name: "ChatClient", dependencies: ["ChatCore", "ChatPlatform", "COpenSSL"],
            swiftSettings: settings),

        // The test kit: for our tests and for those of embedders.
        .target(
            name: "ChatTesting",
            dependencies: ["ChatCore", "ChatFiles", "ChatPlatform", "ChatStorageMemory"],
            swiftSettings: settings),

        // C system libraries.
        .target(name: "CChatSystem"),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CPostgres", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]),

        // Examples: only the public API (packageAccess: false proves that it suffices).
        .executableTarget(
            name: "ChatServer",
            dependencies: [
                "ChatActivityLog", "ChatAuth", "ChatCore", "ChatFiles", "ChatHTTP", "ChatTLS",
                "ChatTransportTCP", "ChatTransportWS",
                "ChatStorageMemory",
                "ChatStorageSQLite", "ChatStoragePostgres",
            ],
            path: "Examples/ChatServer", exclude: ["README.md"],
            resources: [.embedInCode("Web")], packageAccess: false, swiftSettings: relaxed),
        .executableTarget(
            name: "ChatCLI",
            dependencies: ["ChatClient", "ChatCore", "ChatPlatform", "ChatTerminal"],
            path: "Examples/ChatCLI", exclude: ["README.md"], swiftSettings: relaxed),
        // What it shows and does, without a terminal; hidden.
        .target(
            name: "ChatTerminal", dependencies: ["ChatClient", "ChatCore"],
            path: "Examples/ChatTerminal", packageAccess: false, swiftSettings: relaxed),
        .executableTarget(
            name: "Bot", dependencies: ["ChatClient"], path: "Examples/Bot",
            exclude: ["README.md"], packageAccess: false, swiftSettings: relaxed),
        .executableTarget(
            name: "ChatLoad", dependencies: ["CChatSystem"], path: "Examples/ChatLoad",
            exclude: ["README.md"], packageAccess: false, swiftSettings: relaxed),
        .executableTarget(
            name: "StoreBench",
            dependencies: [
                "ChatCore", "ChatSockets", "ChatStorageSQLite", "ChatStoragePostgres", "CSQLite",
                "CPostgres",
            ],
            path: "Examples/StoreBench", swiftSettings: relaxed),
        .executableTarget(
            name: "ReadBench",
            dependencies: [
                "ChatCore", "ChatStorageSQLite", "ChatStoragePostgres", "ChatTesting", "CSQLite",
                "CPostgres",
            ],
            path: "Examples/ReadBench", packageAccess: false, swiftSettings: relaxed),
        .executableTarget(name: "Floor", path: "Examples/Floor", exclude: ["README.md"]),
        .executableTarget(
            name: "WebSocketEcho", dependencies: ["ChatTransportWS"],
            path: "Examples/WebSocketEcho",
            packageAccess: false, swiftSettings: relaxed),
        .executableTarget(
            name: "Embedding",
            dependencies: ["ChatCore", "ChatTransportTCP", "ChatTransportWS", "ChatStorageSQLite"],
            path: "Examples/Embedding", packageAccess: false, swiftSettings: relaxed),

        .executableTarget(
            name: "CustomAuthenticator",
            dependencies: ["ChatCore", "ChatTransportTCP", "ChatTransportWS", "ChatStorageMemory"],
            path: "Examples/CustomAuthenticator", packageAccess: false, swiftSettings: relaxed),

        // What a message costs: instructions and allocations (scripts/cost-check.sh).
        .executableTarget(
            name: "ChatBench",
            dependencies: ["ChatCore", "ChatPlatform", "ChatTransportWS", "ChatStorageMemory"],
            path: "Examples/ChatBench", swiftSettings: relaxed),
        .target(name: "CAllocationCounter", path: "Examples/CAllocationCounter"),
        .executableTarget(
            name: "AllocationCheck",
            dependencies: [
                "CAllocationCounter", "CChatSystem", "ChatCore", "ChatTransportTCP",
                "ChatTransportWS", "ChatStorageMemory",
            ],
            path: "Examples/AllocationCheck", swiftSettings: relaxed),

        // Tests: folders mirror Sources.
        .testTarget(
            name: "ChatCoreTests", dependencies: ["ChatCore", "ChatTesting"], swiftSettings: relaxed
        ),
        .testTarget(
            name: "ChatClientTests",
            dependencies: [
                "ChatAuth", "ChatClient", "ChatCore", "ChatFiles", "ChatPlatform", "ChatTesting",
                "ChatTransportTCP", "ChatTransportWS", "ChatStorageMemory",
            ], swiftSettings: relaxed),
        .testTarget(
            name: "ChatTerminalTests", dependencies: ["ChatTerminal", "ChatClient", "ChatCore"],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatAuthTests",
            dependencies: [
                "ChatAuth", "ChatCore", "ChatPlatform", "ChatSodium", "ChatTesting",
                "ChatStorageMemory", "ChatStorageSQLite",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatFilesTests",
            dependencies: [
                "ChatFiles", "ChatCore", "ChatPlatform", "ChatSodium", "ChatTesting",
                "ChatTransportTCP", "ChatTransportWS", "ChatStorageMemory", "ChatStorageSQLite",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatActivityLogTests",
            dependencies: [
                "ChatActivityLog", "ChatCore", "ChatPlatform", "ChatTesting",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "EngineTests",
            dependencies: ["ChatCore", "ChatTesting", "ChatStorageMemory", "ChatStorageSQLite"],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatSocketsTests", dependencies: ["ChatSockets", "ChatCore", "ChatTesting"],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatTransportTCPTests",
            dependencies: [
                "ChatTransportTCP", "ChatSockets", "ChatCore", "ChatTesting", "ChatStorageMemory",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatTransportWSTests",
            dependencies: [
                "ChatTransportWS", "ChatSockets", "ChatCore", "ChatTesting", "ChatStorageMemory",
                "CZlib",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatTLSTests",
            dependencies: [
                "ChatClient", "ChatTLS", "ChatTransportTCP", "ChatTransportWS", "ChatSockets",
                "ChatCore", "ChatPlatform", "ChatTesting", "COpenSSL",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatHTTPTests",
            dependencies: [
                "ChatHTTP", "ChatAuth", "ChatCore", "ChatTransportWS", "ChatTesting",
                "ChatStorageMemory",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatStorageTests",
            dependencies: [
                "ChatStorageSQLite", "ChatStoragePostgres", "ChatStorageMemory", "ChatAuth",
                "ChatCore", "ChatSockets", "ChatTesting", "CSQLite",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ChatAuth", "ChatFiles", "ChatTransportTCP", "ChatTransportWS", "ChatSockets",
                "ChatCore", "ChatPlatform",
                "ChatTesting", "ChatStorageMemory", "ChatStorageSQLite",
            ],
            swiftSettings: relaxed),
        .testTarget(
            name: "ChatLoadTests",
            dependencies: [
                "ChatLoad", "ChatCore", "ChatTransportTCP", "ChatTransportWS", "ChatTesting",
                "ChatStorageMemory",
            ],
            swiftSettings: relaxed),
        .testTarget(name: "RepositoryTests", dependencies: ["ChatCore"], swiftSettings: relaxed),
    ],
    swiftLanguageModes: [.v6]
)
