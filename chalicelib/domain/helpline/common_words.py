"""Common words of languages written in Latin letters, without signs, as telephones have them.

They were chosen by hand, among words of grammar and those that workers write of their work: none is
common in two of the languages, or looks like a word of another one that is ("hum", "the", "hai" as
words of both Hindi and English or Vietnamese). Spellings that are usual in messages stand beside
the right ones. What no list has is a loan word ("salary", "overtime", "boss"), which tells nothing.
"""

from collections.abc import Mapping

ELSEWHERE = "und"
"""Stands for the languages that we do not speak: what is written in them is not to be taken for one
that we do. ISO 639 has this code for "undetermined"."""

_WORDS: Mapping[str, str] = {
    "en": """
        about after again all always am and any anybody anyone are because been before being between
        but can cannot cant could didnt does doesnt dont during each even every everybody everyone
        for from give gives had has have he her here him his how if into is isnt it its just let
        make many more most must my never nobody not nothing of off on only our out over own paid
        pays said says she should since some somebody someone still takes than that their them then
        there these they this those today tomorrow too under until us very want wants was wasnt we
        were what when where which while who whose why will with without wont workers working would
        wrong yesterday you your
    """,
    "id": """
        ada adalah agar akan aku anak apa apakah atau bagaimana bahwa baru beberapa belum benar
        berapa bgt bilang bisa blm boleh buat bukan bulan cuma cuman dapat dari dengan dia dibayar
        diberi dikasih dipaksa dipecat dipotong disuruh ditahan dulu enggak gaji gajian gimana gmn
        hamil hanya hari harus ini itu jam jika juga kalau kalian kalo kami kapan karena kasih
        kenapa kerja kerjaan ketika kita kok krn kurang lagi lapor lembur libur malam masih masuk
        mau mereka minggu minta mohon ngga nggak nya oleh orang pabrik padahal pekerja pernah
        pesangon potong potongan punya saat sakit salah sama sampai sangat saya sdh sebab sebagai
        sebelum sehari sekali sekarang selama semua seperti sering setelah setiap siapa sudah suka
        supaya sy takut tanpa tapi tdk telah teman tempat tentang terlalu terus tetapi tiap tidak
        tolong uang udah untuk upah utk yang yg
    """,
    "vi": """
        anh ba bao bay benh biet boi bon buoc cac cam chao chi chieu chin cho chong chua chui chung
        chuyen con cong cty cua cung danh dau dc dem doa dong duoc duoi duong em ep gai gian gio
        giup han hiem hoac hoi hok hom hop khi khoe khong khuya lam lan luat luong ly mang may minh
        moi mot muoi muon nam nan nay neu ngay nghi nghiep ngoai nguoi nha nhan nhieu nhu nhung noi
        nua nuoc phai phat quan roi san sang sao sau sinh suc tai tam thai thang thoi thuong tien
        tieng toi trong tru trua truoc truong tuan ty uong vay viec vien voi xin xuong
    """,
    "hi": """
        aaj abhi apna apne aur baad bahot bahut batana batao bataye bht bina bohot bola bolta chahie
        chahiye chaiye chhutti chutti dega dena dene denge deta dete deti diya gaali gaya gaye gayi
        ghanta ghante gya hai hain hamara hamare hamari hamein hamko hoga hogi honge hota hoti hua
        hue hui humara humare humari hume humein humko iska iski isko jaane jaata jab jabardasti
        jane jata jate jyada ka kaam kab kahaan kahan kaise karke karne karo karta karte karti karu
        karun karwata karwate kaun kijiye kitna kitne kitni kiya koi kuch kuchh kya kyon kyu kyuki
        kyun kyunki lekin lena leta lete liya liye maara maarta maarte madad magar mahina mahine
        mahino mara mera mere meri mila mile milega milenge milta milte milti muje mujhe mujhko nahi
        nahin naukri ne nhi nikaal nikal nikala paisa paise pareshan pehle phir raha rahe rahi rakh
        rakha rehta rehte rha rhe roz saal sab sabhi sabko sakta sakte sakti shaam subah tankha
        tankhah tha thi thoda unka unke unki unko uska uski usko waha wahan wajah wale wali woh yaha
        yahan yeh zabardasti zyada
    """,
    "bn": """
        ache achi akhon akhono amadar amader amago amake amar ami amr amra apnader apnar apnara ase
        asi betan bethon beton bhoy bolben bole boleche bolen bollo bondho chai chakri chakrir chay
        chilo chuti dao dayna debe dei dey deyna dhoira dhore dibe dibo dicche dichche diche dise
        dite diyeche diyese ebong ei ekhon ekhono ekta ekti geche gele gelo gese ghonta giyeche hobe
        hoilo hoise hole holo hoy hoye hoyeche hoyese hoynai hoyni jabe jabo jai jani janina jete
        jodi jonne jonno kaj keno keu khub kibhabe kichu kintu kisu kivabe kobe kono korano koray
        koraya korbe korbo korche korchi kore koreche korechi kori korle koro korse korte kortese
        korun kothay koto lagbe marche mare mash merese moddhe nai nei niye oder oi onek onk ora
        othoba pabe pabo pai paina painai paini parbe parbo pare pari parina peyechi por pore
        protidin prottek sahajja sahajjo sathe se shahajjo shathe shey shob silo sob sobai sokal
        tader tahole taka tara thake thaki thakte theke tumi vhoy voy
    """,
    # Tagalog, Malay, Nepali, Spanish, French, Portuguese, Turkish, Thai and Burmese in Latin
    # letters, Pinyin.
    ELSEWHERE: """
        ako amo ang avec awak bakit bayarlah ben bir biz bize chaina chan chha chhaina como cuando
        dai dans de degil deh depuis des desde dinna dito diyena donde doon duit el ela eles elle
        encik est esta este et fa garcha garna garne gei gongzi hamilai hamro haru hen hindi hma
        icin il ils ito iyon je jiaban kasari kasi kayo kerajaan kha khap khon khrap kilang kina
        korang krub kyama kyunnaw lang laoban lar las le les los maas mais malai mei meiyou mero meu
        mga mi mon muy naman namin nang nao natin ng ngan ngern ni nila niya nos nosso notre nous
        opo paano paisako para pas pen pera pero phom po pour puan qian quando que rao ren sahod
        shenme shi sila sin sont ta tae takde talab tapai timi trabaho tuk tulungan uma una uno var
        vous walang wan wo ya yok yu zenme
    """,
}


LANGUAGE_OF: Mapping[str, str] = {
    word: language for language, words in _WORDS.items() for word in words.split()
}
"""The one language that a word is common in."""
