// SPDX-License-Identifier: MIT

extension PostgresStatement {
    /// The place of the first event at the time `$2` or later: ``LogHalving``, done by the server.
    ///
    /// Each half is one look into the index over places.
    private static let placeOfTime = """
        (WITH RECURSIVE span(low, high) AS (
            SELECT min(seq), max(seq) + 1 FROM events WHERE room = $1
            UNION ALL
            SELECT CASE WHEN e.at < $2 THEN e.seq + 1 ELSE s.low END,
                CASE WHEN e.at < $2 THEN s.high ELSE s.low + (s.high - s.low) / 2 END
            FROM span s CROSS JOIN LATERAL (
                SELECT seq, at FROM events
                WHERE room = $1 AND seq >= s.low + (s.high - s.low) / 2 ORDER BY seq LIMIT 1) e
            WHERE s.low < s.high)
        SELECT low FROM span WHERE low >= high)
        """

    /// Finds the place once for all statements of a page, which are sent in the same flight: the transaction keeps it.
    private static let settingPlace =
        "SELECT set_config('chat.place', coalesce(\(placeOfTime), 0)::text, true)"

    private static let place = "current_setting('chat.place')::bigint"
    private static let (before, from) = ("seq < $2", "seq >= $2")
    private static let (beforeTime, fromTime) = ("seq < \(place)", "seq >= \(place)")

    /// The page is cut out of the room's log first, so that what is joined is only that.
    ///
    /// - Parameter limit: the parameter that says how many messages.
    private static func messages(_ place: String, _ order: String, limit: String = "$3") -> String {
        """
        SELECT \(messageColumns)
        FROM (SELECT * FROM events
            WHERE room = $1 AND kind = 0 AND \(place) AND \(exists)
            ORDER BY seq \(order) LIMIT \(limit)) e
        \(joiningMessage)
        ORDER BY e.seq \(order)
        """
    }

    private static func ends(_ place: String, _ order: String, _ limit: String) -> String {
        """
        WITH ends AS MATERIALIZED (SELECT min(seq) AS first, max(seq) AS last FROM (
            SELECT seq FROM events
            WHERE room = $1 AND kind = 0 AND \(place) ORDER BY seq \(order) LIMIT \(limit)) p)
        """
    }

    /// The reactions of the same page, so that both are asked for at once.
    private static func reactions(
        _ place: String, _ order: String, limit: String = "$3"
    ) -> String {
        """
        \(ends(place, order, limit))
        SELECT target, emoji, user_id FROM reactions
        WHERE room = $1
            AND target BETWEEN (SELECT first FROM ends) AND (SELECT last FROM ends)
        ORDER BY target, since, seq
        """
    }

    /// The files of the same page.
    private static func attachments(
        _ place: String, _ order: String, limit: String = "$3"
    ) -> String {
        """
        \(ends(place, order, limit))
        SELECT \(attachmentColumns) FROM attachments a
        WHERE a.room = $1
            AND a.seq BETWEEN (SELECT first FROM ends) AND (SELECT last FROM ends)
        ORDER BY a.seq, a.place
        """
    }

    var historySQL: String {
        switch self {
        case .setPlace: Self.settingPlace
        case .messagesBefore: Self.messages(Self.before, "DESC")
        case .messagesFrom: Self.messages(Self.from, "ASC")
        case .messagesBeforeTime: Self.messages(Self.beforeTime, "DESC", limit: "$2")
        case .messagesFromTime: Self.messages(Self.fromTime, "ASC", limit: "$2")
        case .reactionsBefore: Self.reactions(Self.before, "DESC")
        case .reactionsFrom: Self.reactions(Self.from, "ASC")
        case .reactionsBeforeTime: Self.reactions(Self.beforeTime, "DESC", limit: "$2")
        case .reactionsFromTime: Self.reactions(Self.fromTime, "ASC", limit: "$2")
        case .attachmentsBefore: Self.attachments(Self.before, "DESC")
        case .attachmentsFrom: Self.attachments(Self.from, "ASC")
        case .attachmentsBeforeTime: Self.attachments(Self.beforeTime, "DESC", limit: "$2")
        default: Self.attachments(Self.fromTime, "ASC", limit: "$2")
        }
    }
}
