// SPDX-License-Identifier: MIT

/// Who the client is.
public enum ChatIdentity: Sendable, Equatable {
    /// A guest of that name; the token that the server gives proves the name after a reconnect.
    case guest(name: String)
    /// Whoever an earlier sign-in's token, or another service's, names.
    case token(String)
    /// An account.
    case account(login: String, password: String)
    /// An account that is made with the first sign-in.
    case newAccount(ChatRegistration)
}

/// What a new account is made of; the bounds are those of `docs/protocol.md`.
public struct ChatRegistration: Sendable, Equatable {
    /// The name that tells people apart.
    public var username: String
    /// The password.
    public var password: String
    /// The e-mail address, which serves to sign in as well.
    public var email: String?
    /// How the user wants to be called.
    public var displayName: String?

    /// Makes a registration.
    public init(
        username: String, password: String, email: String? = nil, displayName: String? = nil
    ) {
        self.username = username
        self.password = password
        self.email = email
        self.displayName = displayName
    }
}

/// Where the server is.
public struct ChatEndpoint: Sendable, Equatable {
    /// How messages travel.
    public enum Transport: Sendable, Equatable {
        /// A JSON object per line.
        case tcp
        /// A JSON object per WebSocket text message.
        case webSocket(path: String)
    }

    /// Whether what travels is encrypted.
    public enum Security: Sendable, Equatable {
        /// It is not.
        case none
        /// TLS; the server's certificate must be for the host, and signed by an authority in that PEM file, or by one that
        /// the system trusts.
        case tls(authorities: String? = nil)
        /// TLS with whoever answers: for development only.
        case tlsWithAnybody
    }

    /// A name or a numeric address.
    public var host: String
    /// The port.
    public var port: Int
    /// How messages travel.
    public var transport: Transport
    /// Whether what travels is encrypted.
    public var security: Security

    /// Makes an endpoint.
    public init(
        host: String, port: Int, transport: Transport = .tcp, security: Security = .none
    ) {
        self.host = host
        self.port = port
        self.transport = transport
        self.security = security
    }

    /// What a connection trusts; `nil` without encryption.
    func trust() throws(ChatRefusal) -> Trust? {
        switch security {
        case .none: nil
        case .tls(let authorities): try Trust(authorities: authorities, isInsecure: false)
        case .tlsWithAnybody: try Trust(authorities: nil, isInsecure: true)
        }
    }
}

/// What can be set about a ``ChatClient``.
public struct ChatClientOptions: Sendable {
    /// What the server's log calls this program; at most 100 bytes.
    public var clientName = "swift-chat-client"
    /// The least delay before the client connects again, in milliseconds.
    public var firstRetryMilliseconds: Int64 = 250
    /// The longest delay, in milliseconds. Delays double up to it; each is drawn from its upper half.
    public var longestRetryMilliseconds: Int64 = 15_000
    /// How long a connection and its sign-in may take, in milliseconds.
    public var connectMilliseconds: Int64 = 10_000
    /// Whether messages of others are reported as delivered without being asked.
    public var reportsDelivery = true
    /// How long receipts are gathered, in milliseconds.
    public var receiptMilliseconds: Int64 = 300
    /// How often typing is repeated while it goes on, in milliseconds.
    public var typingRepeatMilliseconds: Int64 = 3_000
    /// The most messages and calls that wait while there is no connection.
    public var waitingCalls = 1_000
    /// The most events that wait for whoever reads ``ChatClient/events``; above it nothing more is read
    /// from the server.
    public var waitingEvents = 10_000

    /// The defaults.
    public init() {}
}

/// How the client stands with its server.
public enum ChatConnectionState: Sendable, Equatable {
    /// On its way to the server for the first time, or again.
    case connecting
    /// Signed in as that user.
    case online(ChatUser)
    /// The connection was lost; the next attempt comes after so many milliseconds.
    case waiting(retryMilliseconds: Int64)
    /// For good: ``ChatClient/close()`` was called, or the server does not want the client back.
    case closed(ChatRefusal?)
}

/// Why the server, or the client for it, did not do something.
public struct ChatRefusal: Error, Sendable, Equatable {
    /// The stable code of `docs/protocol.md`; `disconnected`, `cancelled` and `too_much_waiting` are the
    /// client's own.
    public var code: String
    /// The same for people.
    public var message: String
    /// Which key of the command was wrong.
    public var field: String?
    /// When it may be tried again, in milliseconds.
    public var retryMilliseconds: Int64?

    /// Makes a refusal.
    public init(
        code: String, message: String, field: String? = nil, retryMilliseconds: Int64? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.retryMilliseconds = retryMilliseconds
    }

    init(_ answer: JSONValue) {
        code = answer["code"]?.string ?? "unknown"
        message = answer["message"]?.string ?? code
        field = answer["field"]?.string
        retryMilliseconds = answer["retry_after_ms"]?.int.map(Int64.init)
    }

    static let disconnected = ChatRefusal(
        code: "disconnected", message: "the connection ended before the answer")
    static let closed = ChatRefusal(code: "disconnected", message: "the client is closed")
    static let cancelled = ChatRefusal(code: "cancelled", message: "the task was cancelled")
    static let tooMuchWaiting = ChatRefusal(
        code: "too_much_waiting", message: "too many calls wait for a connection already")

    /// Whether the same command may succeed a little later.
    public var isPassing: Bool {
        [
            "rate_limited", "slow_mode", "overloaded", "storage_unavailable", "shutting_down",
        ].contains(code)
    }
}
