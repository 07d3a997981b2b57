# One-sided tests with a margin, and labs as a between-participant factor, on the default mixed model.
# Usage: Rscript golden_between.R <out.json> <synA_balanced.csv>
suppressPackageStartupMessages({library(lmerTest);library(pbkrtest);library(emmeans);library(jsonlite)})
options(contrasts=c("contr.sum","contr.poly")); emm_options(lmerTest.limit=1e5,pbkrtest.limit=1e5)
ctl<-lmerControl(optimizer="bobyqa",optCtrl=list(rhoend=1e-10,maxfun=2e5),calc.derivs=FALSE,check.conv.singular="ignore")
args<-commandArgs(TRUE)
df2l<-function(x){x<-as.data.frame(x); x<-cbind(row=rownames(x),x); rownames(x)<-NULL; x}
d<-read.csv(args[2]); if("attribute" %in% names(d)) d<-d[d$attribute=="overall",]
for(v in c("participant","group","song","system")) d[[v]]<-factor(d[[v]])
# Two labs that cross the groups: of every five participants in alphabetical order two are in the north.
d$lab<-factor(ifelse((as.integer(d$participant)-1)%%5<2,"north","south"))
random<-"(1|participant)+(1|song)+(1|participant:system)+(1|song:system)+(1|participant:song)"
fitted<-function(fixed) suppressMessages(lmer(as.formula(paste("rating~",fixed,"+",random)),d,control=ctl))
told<-function(m) list(REMLcrit=REMLcrit(m),anova3_satt=df2l(anova(m)),
  emm_satt=df2l(summary(emmeans(m,~system,lmer.df="satterthwaite"))),
  pairs_satt=df2l(summary(pairs(emmeans(m,~system,lmer.df="satterthwaite")),adjust="none")))
m<-fitted("system"); p<-pairs(emmeans(m,~system,lmer.df="satterthwaite"))
R<-list(one_sided=list(
  non_inferiority_5=df2l(test(p,side="noninferiority",delta=5,adjust="none")),
  superiority_0=df2l(test(p,side=">",adjust="none")),
  superiority_3=df2l(test(p,null=3,side=">",adjust="none"))))
R$lab<-told(fitted("lab*system"))
R$lab$by_lab<-df2l(summary(emmeans(fitted("lab*system"),~system|lab,lmer.df="satterthwaite")))
R$group_and_lab<-told(fitted("group*system+lab*system"))
write_json(R,args[1],digits=NA,auto_unbox=TRUE,na="null")
