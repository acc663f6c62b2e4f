from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "numaru.config"
    label = "config"

    def ready(self) -> None:
        from numaru.config import demo, parts
        from numaru.config.stage import views as faces
        from numaru.config.wiring import wire
        from numaru.ui import shell

        wire()
        shell.banners.add("demo", demo.banner)
        shell.reminders.add("face", faces.reminder)
