"""The words of the field, each once. Every floor, from the wire to the table, uses these values."""

from enum import StrEnum


class Role(StrEnum):
    """Who a principal is; what a role may do stands at each route and in the transition table."""

    PARTNER_INTAKE = "partner_intake"
    PARTNER_SUPERVISOR = "partner_supervisor"
    BRAND = "brand"
    FACTORY = "factory"
    AUDITOR = "auditor"
    DPO = "dpo"
    OPERATOR = "operator"


class OrganisationKind(StrEnum):
    """What an organisation is: it decides which roles its people may have."""

    PARTNER = "partner"
    BRAND = "brand"
    FACTORY = "factory"
    AUDITOR = "auditor"
    DPO_OFFICE = "dpo_office"
    OPERATOR = "operator"


class EngagementPurpose(StrEnum):
    """What an auditor or a brand is let in for."""

    ALERT_HANDLING = "alert_handling"
    DUE_DILIGENCE_AUDIT = "due_diligence_audit"
    REMEDIATION_VERIFICATION = "remediation_verification"
    MECHANISM_REVIEW = "mechanism_review"
    LEGAL_OBLIGATION = "legal_obligation"


class IntakeType(StrEnum):
    """What a contact is. Most are enquiries, and those never count as grievances."""

    GRIEVANCE = "grievance"
    ENQUIRY = "enquiry"
    SUGGESTION = "suggestion"
    RETALIATION = "retaliation"


class LinkType(StrEnum):
    """What one case is of another. `coalition` is set by the service only."""

    DUPLICATE_OF = "duplicate_of"
    PARENT = "parent"
    RETALIATION_OF = "retaliation_of"
    COALITION = "coalition"


class LinkDirection(StrEnum):
    """From which of two linked cases a link is seen."""

    TO = "to"
    FROM = "from"


class Channel(StrEnum):
    """How the worker reached the helpline."""

    PHONE = "phone"
    SMS = "sms"
    QQ = "qq"
    WECHAT = "wechat"
    WHATSAPP = "whatsapp"
    WEB = "web"
    APP = "app"
    IN_PERSON = "in_person"
    OUTREACH = "outreach"
    LETTER = "letter"
    PARTNER_API = "partner_api"


class FiledBy(StrEnum):
    """On whose behalf the grievance was filed."""

    INDIVIDUAL = "individual"
    GROUP = "group"
    REPRESENTATIVE = "representative"
    UNION = "union"
    NGO = "ngo"


class Category(StrEnum):
    """Better Work's compliance clusters plus what helplines meet."""

    CHILD_LABOUR = "child_labour"
    DISCRIMINATION = "discrimination"
    FORCED_LABOUR = "forced_labour"
    FREEDOM_OF_ASSOCIATION = "freedom_of_association"
    COMPENSATION = "compensation"
    CONTRACTS_HR = "contracts_hr"
    SAFETY_HEALTH = "safety_health"
    WORKING_TIME = "working_time"
    HARASSMENT_VIOLENCE = "harassment_violence"
    RETALIATION = "retaliation"
    SOCIAL_INSURANCE = "social_insurance"
    LIVING_CONDITIONS = "living_conditions"
    RECRUITMENT_FEES = "recruitment_fees"
    OTHER = "other"


class IloIndicator(StrEnum):
    """The ILO's eleven indicators of forced labour (ILO, 2012, revised 2025)."""

    ABUSE_OF_VULNERABILITY = "abuse_of_vulnerability"
    DECEPTION = "deception"
    RESTRICTION_OF_MOVEMENT = "restriction_of_movement"
    ISOLATION = "isolation"
    PHYSICAL_SEXUAL_VIOLENCE = "physical_sexual_violence"
    INTIMIDATION_THREATS = "intimidation_threats"
    RETENTION_OF_DOCUMENTS = "retention_of_documents"
    WITHHOLDING_OF_WAGES = "withholding_of_wages"
    DEBT_BONDAGE = "debt_bondage"
    ABUSIVE_CONDITIONS = "abusive_conditions"
    EXCESSIVE_OVERTIME = "excessive_overtime"


class Severity(StrEnum):
    """S1 critical (life, child, forced labour, violence, reprisal) to S4 low. Smaller is worse."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class ConsentLevel(StrEnum):
    """How much of a case a brand may see; `X` is escrow. The default is `C0`, nothing."""

    C0 = "C0"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    X = "X"


class State(StrEnum):
    """Where a case stands; `GET /v1/rules` tells the legal ways between them."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    SCREENING = "screening"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    REFERRED = "referred"
    NOT_COVERED = "not_covered"
    BRAND_NOTIFIED = "brand_notified"
    INVESTIGATING = "investigating"
    FINDINGS = "findings"
    REMEDIATION = "remediation"
    VERIFICATION = "verification"
    CLOSED = "closed"
    REOPENED = "reopened"
    ON_HOLD = "on_hold"


class Routing(StrEnum):
    """What the scheduled check has found out about a case so far, and what it waits for."""

    PENDING = "pending"
    NOT_ROUTED = "not_routed"
    NEEDS_REVIEW = "needs_review"
    HELD = "held"
    NO_BRAND = "no_brand"
    ALERTED = "alerted"


class Finding(StrEnum):
    """What an investigation found."""

    GROUNDED = "grounded"
    PARTLY_GROUNDED = "partly_grounded"
    NOT_GROUNDED = "not_grounded"
    INCONCLUSIVE = "inconclusive"


class Outcome(StrEnum):
    """How a case was closed."""

    RESOLVED = "resolved"
    SETTLED = "settled"
    UNRESOLVED = "unresolved"
    WITHDRAWN = "withdrawn"


class ProposalKind(StrEnum):
    """What of a case takes two people."""

    CLOSE_AS_RESOLVED = "close_as_resolved"
    LOWER_FROM_S1 = "lower_from_s1"


class WorkerVerdict(StrEnum):
    """The worker's own answer to the question whether the case is resolved."""

    SATISFIED = "satisfied"
    DISPUTED = "disputed"
    NOT_REACHED = "not_reached"


class RootCause(StrEnum):
    """Why it happened; every closure names one."""

    PURCHASING_PRACTICES = "purchasing_practices"
    MANAGEMENT_SYSTEMS = "management_systems"
    SUPERVISOR_CONDUCT = "supervisor_conduct"
    UNAUTHORISED_SUBCONTRACTING = "unauthorised_subcontracting"
    RECRUITMENT_CHAIN = "recruitment_chain"
    FINANCIAL_DISTRESS = "financial_distress"
    LEGAL_GAP = "legal_gap"
    MISUNDERSTANDING = "misunderstanding"
    UNKNOWN = "unknown"


class RemedyType(StrEnum):
    """What a worker got, as the UN Guiding Principles name it (commentary to principle 25; the OECD
    due diligence guidance has the same words). Back wages and a job given back are restitution."""

    APOLOGY = "apology"
    RESTITUTION = "restitution"
    REHABILITATION = "rehabilitation"
    FINANCIAL_COMPENSATION = "financial_compensation"
    NON_FINANCIAL_COMPENSATION = "non_financial_compensation"
    PUNITIVE_SANCTION = "punitive_sanction"
    GUARANTEE_OF_NON_REPETITION = "guarantee_of_non_repetition"


class RemedyAmountBand(StrEnum):
    """How much money each worker got on average, in monthly minimum wages of the place and time of
    work: wide enough that a payment cannot be looked up by it. A lower end belongs to its band."""

    UNDER_1 = "under-1"
    FROM_1 = "1-to-3"
    FROM_3 = "3-to-12"
    FROM_12 = "12-or-more"


class InadmissibleReason(StrEnum):
    """The fixed list of reasons for which a case is not taken up."""

    NOT_ABOUT_WORK = "not_about_work"
    NO_FACTORY_NAMED = "no_factory_named"
    SAME_MATTER_PENDING = "same_matter_pending"
    MANIFESTLY_FALSE = "manifestly_false"
    COMPLAINANT_UNREACHABLE = "complainant_unreachable"


class WorkersBand(StrEnum):
    """How many workers are concerned, in bands coarse enough not to identify anybody."""

    ONE = "1"
    UP_TO_10 = "2-10"
    UP_TO_50 = "11-50"
    UP_TO_250 = "51-250"
    UP_TO_1000 = "251-1000"
    OVER_1000 = "over-1000"


class PlanState(StrEnum):
    """Where a remediation plan stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    DONE = "done"
    VERIFIED = "verified"


class AlertKind(StrEnum):
    """Why a brand is told."""

    NEW = "new"
    UPDATE = "update"
    ESCALATION = "escalation"
    RETALIATION = "retaliation"
    COALITION = "coalition"
    RECALL = "recall"
    RETRO = "retro"
    TEST = "test"


class EscalationLevel(StrEnum):
    """How far a clock that nobody stops has made people act, in this order."""

    REMINDER = "reminder"
    ESCALATION_CONTACT = "escalation_contact"
    SUPERVISOR = "supervisor"
    COUNTED = "counted"


class SignalKind(StrEnum):
    """What a partner is told about its cases, that somebody may act."""

    REMINDER = "reminder"
    OVERDUE = "overdue"
    BRAND_OVERDUE = "brand_overdue"
    RECALL_OVERDUE = "recall_overdue"
    HOLD_ENDED = "hold_ended"
    RETALIATION_REPORTED = "retaliation_reported"
    QUESTION_ASKED = "question_asked"
    EXTENSION_ASKED = "extension_asked"
    CROSS_BORDER_CONSENT_MISSING = "cross_border_consent_missing"
    COALITION = "coalition"
    SILENCE = "silence"


class ExtensionState(StrEnum):
    """What has become of a request for more time."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class CheckInOutcome(StrEnum):
    """What came of asking a worker how she is."""

    SAFE = "safe"
    RETALIATION_REPORTED = "retaliation_reported"
    NOT_REACHED = "not_reached"


class AlertStatus(StrEnum):
    """How far an alert has come. `suppressed`: consent was withdrawn before it was sent."""

    PENDING = "pending"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    QUARANTINED = "quarantined"


class DeliveryOutcome(StrEnum):
    """What came of the last attempt to send. `unknown`: no answer, so it may have come through."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Alert without a human, let a human choose, or nothing to choose from."""

    MATCHED = "matched"
    REVIEW = "review"
    UNMATCHED = "unmatched"


class MatchMethod(StrEnum):
    """How a factory was identified."""

    IDENTIFIER = "identifier"
    EXACT_NAME = "exact_name"
    ALIAS = "alias"
    SIMILARITY = "similarity"
    REVIEWER = "reviewer"


class JudgementVerdict(StrEnum):
    """What a reviewer says of a spelling and a factory."""

    SAME = "same"
    DIFFERENT = "different"


class Visibility(StrEnum):
    """Who may read a message on a case."""

    PARTNER = "partner"
    BRAND = "brand"
    WORKER = "worker"


class Addressee(StrEnum):
    """Whom a brand asks."""

    PARTNER = "partner"
    FACTORY = "factory"


class Side(StrEnum):
    """Whose statement it is: what the worker's side says, and what the brand's does."""

    WORKER = "worker"
    PARTNER = "partner"
    BRAND = "brand"
    FACTORY = "factory"


class IdentityState(StrEnum):
    """Whether the vault holds who the worker is."""

    HELD = "held"
    ERASED = "erased"


class OpeningReason(StrEnum):
    """The fixed list of reasons to open an identity."""

    CONTACT_WORKER = "contact_worker"
    VERIFY_PERSON = "verify_person"
    PROTECT_WORKER = "protect_worker"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    LEGAL_OBLIGATION = "legal_obligation"


class HandOverReason(StrEnum):
    """The fixed list of reasons for which a brand is told who a worker is."""

    PAY_WORKER = "pay_worker"
    REINSTATE_WORKER = "reinstate_worker"
    PROTECT_WORKER = "protect_worker"
    HEAR_WORKER = "hear_worker"
    LEGAL_OBLIGATION = "legal_obligation"


class ErasureScope(StrEnum):
    """What an erasure takes away: who the worker is, or what people wrote as well."""

    IDENTITY = "identity"
    TEXTS = "texts"


class ErasureReason(StrEnum):
    """The fixed list of reasons to erase before the time that the rules say."""

    WORKER_REQUEST = "worker_request"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NO_LONGER_NEEDED = "no_longer_needed"
    ENTERED_BY_MISTAKE = "entered_by_mistake"
    LEGAL_OBLIGATION = "legal_obligation"


class HoldReason(StrEnum):
    """The fixed list of reasons to keep what would be erased."""

    COURT_PROCEEDINGS = "court_proceedings"
    INVESTIGATION = "investigation"
    WORKER_REQUEST = "worker_request"
    LEGAL_OBLIGATION = "legal_obligation"


class AttachmentKind(StrEnum):
    """What an attachment shows; a `recording` is heard."""

    PAYSLIP = "payslip"
    CONTRACT = "contract"
    PHOTO = "photo"
    RECORDING = "recording"
    OTHER = "other"


class ImageType(StrEnum):
    """Pictures that can be attached: types that can be made anew without what they hide."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


class AudioType(StrEnum):
    """Recordings that can be attached: types that can be laid out anew from their frames or
    samples, without a decoder."""

    WAV = "audio/wav"
    OGG = "audio/ogg"  # Opus or Vorbis
    MP3 = "audio/mpeg"
    AMR = "audio/amr"
    AMR_WB = "audio/amr-wb"


class AttachmentStatus(StrEnum):
    """What has become of an attachment."""

    AWAITING = "awaiting"
    CLEAN = "clean"
    REFUSED = "refused"
    EXPIRED = "expired"
    REMOVED = "removed"
    ERASED = "erased"


class AttachmentRefusal(StrEnum):
    """Why an upload was not kept."""

    OTHER_CONTENT = "other_content"
    WRONG_TYPE = "wrong_type"
    UNREADABLE = "unreadable"
    ANIMATED = "animated"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LONG = "too_long"
    TOO_DEMANDING = "too_demanding"
